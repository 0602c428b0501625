#include "core/api/task.h"

#include <doctest/doctest.h>

#include "core/util/error.h"

namespace nas {

TEST_CASE("the text of a network says its input, classes and settings, and reads back") {
  Task task;
  task.input = {3, 32, 32};
  task.classes = 10;
  task.width = 8;
  task.depth = 5;
  task.skeleton = "imagenet";
  task.auxiliary = true;
  const std::string text = task_text(task);
  CHECK(text ==
        "image: float[3,32,32] -> class: classes[10]; width=8; depth=5; skeleton=imagenet; "
        "auxiliary=true");
  CHECK(parse_task_text(text) == task);
  CHECK(describe_task(text) ==
        "images 3x32x32, 10 classes, width 8, depth 5, skeleton imagenet, auxiliary head");
}

TEST_CASE("settings that a space lacks are not in the text; options of the space are") {
  Task task;
  task.input = {1, 28, 28};
  task.classes = 7;
  CHECK(task_text(task) == "image: float[1,28,28] -> class: classes[7]");
  const std::string text = task_text(task, "; space.width_multiplier=1.2");
  CHECK(text == "image: float[1,28,28] -> class: classes[7]; space.width_multiplier=1.2");
  CHECK(parse_task_text(text) == task);
  CHECK(describe_task(text) == "images 1x28x28, 7 classes, space.width_multiplier=1.2");
}

TEST_CASE("the text of a network says the embedding beside the classes, or alone") {
  Task task;
  task.input = {12, 29};
  task.classes = 9;
  task.embedding = 192;
  const std::string both = task_text(task);
  CHECK(both == "sequence: float[12,29] -> class: classes[9], embedding: embedding[192]");
  CHECK(parse_task_text(both) == task);
  CHECK(describe_task(both) == "sequences 12x29, 9 classes, embedding 192");
  task.classes = 0;
  const std::string alone = task_text(task);
  CHECK(alone == "sequence: float[12,29] -> embedding: embedding[192]");
  CHECK(parse_task_text(alone) == task);
  CHECK(describe_task(alone) == "sequences 12x29, embedding 192");
}

TEST_CASE("the text of a circuit says its qubits, and reads back") {
  const Task task = circuit_task(4);
  CHECK(task_text(task) == "qubits: qubit[4] -> state: qubit[4]");
  CHECK(parse_task_text(task_text(task)) == task);
  CHECK(describe_task(task_text(task)) == "4 qubits");
  CHECK_THROWS_AS(parse_task_text("qubits: qubit[4] -> state: qubit[5]"), Error);
  CHECK_THROWS_AS(parse_task_text("qubits: qubit[0] -> state: qubit[0]"), Error);
}

TEST_CASE("a network of another domain or a malformed text is an error that quotes it") {
  for (const char* text :
       {"", "audio: float[1,80,200] -> speaker: embedding[192]",
        "image: float[3,32] -> class: classes[10]",
        "sequence: float[80,300] -> embedding: embedding[192], class: classes[2]",
        "sequence: float[80,300] -> embedding: embedding[192], ",
        "sequence: float[80,300] -> embedding: embedding[0]", "sequence: float[80,300] -> ",
        "image: index[3,32,32] -> class: classes[10]", "image: float[3,32,32] -> class: classes[x]",
        "image: float[3,32,32] -> class: classes[10]; width=0",
        "image: float[3,32,32] -> class: classes[10]; heads=4",
        "image: float[3,32,32] -> class: classes[10] width=8"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(parse_task_text(text), doctest::Contains(text), Error);
  }
  CHECK(describe_task("") == "unknown");
  CHECK(describe_task("qubits: qubit[4] -> energy: energy[1]") ==
        "qubits: qubit[4] -> energy: energy[1]");
}

}  // namespace nas
