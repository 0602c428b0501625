#include "core/quantum/inherit_angles.h"

#include <doctest/doctest.h>

namespace nas {

TEST_CASE("inherited angles: gates that stay keep theirs, whatever was put between them") {
  const Circuit parent = Circuit::parse("RY:0:1;RY:1:2;CNOT:0:1;U3:0:3:4:5;RY:1:6", 3);
  const Circuit child =
      Circuit::parse("RY:0:0;RY:1:0;CNOT:1:2;RY:2:0;CNOT:0:1;U3:0:0:0:0;RY:1:0", 3);
  const std::vector<double> expected{1, 2, -1, 3, 4, 5, 6};
  CHECK(inherited_angles(parent, child, [] { return -1.0; }) == expected);
}

TEST_CASE("inherited angles: of a gate that is gone, and of one of another kind, nothing is left") {
  const Circuit parent = Circuit::parse("RY:0:1;RX:0:2;RY:0:3", 1);
  CHECK(inherited_angles(parent, Circuit::parse("RX:0:0", 1), [] { return -1.0; }) ==
        std::vector<double>{2});
  CHECK(inherited_angles(parent, Circuit::parse("RZ:0:0", 1), [] { return -1.0; }) ==
        std::vector<double>{-1});
  CHECK(inherited_angles(Circuit(1), parent, [] { return -1.0; }) ==
        std::vector<double>{-1, -1, -1});
  CHECK(inherited_angles(parent, Circuit(1), [] { return -1.0; }).empty());
}

}  // namespace nas
