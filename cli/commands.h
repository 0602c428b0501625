#pragma once

#include "cli/command.h"

namespace nas::cli {

// The commands, by the file of cli/commands/ that defines them.
extern const Command search_run, search_resume;                               // search_run.cpp
extern const Command search_remove, search_rename;                            // search_edit.cpp
extern const Command arch_score, bench_score, proxy_list;                     // score.cpp
extern const Command search_status, search_list, search_best, search_report;  // search_show.cpp
extern const Command searcher_list, searcher_show;                            // searcher.cpp
extern const Command recipe_list, recipe_show;                                // recipe.cpp
extern const Command space_list, space_show, space_sample, space_count;       // space.cpp
extern const Command arch_show, arch_latency;                                 // arch.cpp
extern const Command arch_diff;                                               // arch_diff.cpp
extern const Command arch_export;                                             // arch_export.cpp
extern const Command arch_train, arch_evaluate, distill_list;                 // arch_train.cpp
extern const Command arch_embed, arch_verify;                                 // arch_verify.cpp
extern const Command bench_layers;                                            // bench_layers.cpp
extern const Command bench_import, bench_list, bench_verify, bench_remove;    // bench.cpp
extern const Command bench_query, bench_export, bench_correlate;              // bench_query.cpp
extern const Command bench_build;                                             // bench_build.cpp
extern const Command bench_simulate, search_compare;                          // simulate.cpp
extern const Command data_list, data_show, data_add;                          // data.cpp
extern const Command device_list, device_measure;                             // device.cpp
extern const Command db_stats, db_query, db_check, db_upgrade;                // db.cpp
extern const Command predictor_fit, predictor_eval, predictor_apply,
    predictor_list;                     // predictor.cpp
extern const Command predictor_import;  // predictor_import.cpp
extern const Command supernet_train, supernet_list, supernet_show, supernet_evaluate,
    supernet_extract;                   // supernet.cpp
extern const Command doctor;            // doctor.cpp
extern const Command completion;        // completion.cpp
extern const Command gui;               // gui.cpp

}  // namespace nas::cli
