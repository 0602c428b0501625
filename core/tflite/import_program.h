#pragma once

#include "core/int8/program.h"
#include "core/tflite/tflite_model.h"

namespace nas {

/// A .tflite file as what a microcontroller executes: step i is operator i of the file, tensor i
/// its tensor i. Operators that we cannot execute become steps of MicroOp::kOther, so that memory
/// of any model can be planned; executor and graphs refuse them, all by name. Without numbers the
/// constants have no data (a model of 200 MB is planned without a copy of its weights). Every
/// operand of an operator that we know fits it, so that nothing has to be checked again.
///
/// Throws Error(kUnsupported): several subgraphs (control flow), tensors of a type that a program
/// cannot hold, shuffled weights, a model that was compiled for an accelerator (Arm Ethos-U).
/// Error(kData): a tensor that is read before it is made (a cycle, or operators out of order) or
/// made twice, operands that contradict one another, no output.
MicroProgram to_program(const TfliteModel& model, bool with_numbers = true);

}  // namespace nas
