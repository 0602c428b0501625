#include "searchspaces/nasbench201_network.h"

namespace nas {

Value nasbench201_stem(GraphSink& sink, Value image, const ElasticValue& channels) {
  const Scope scope(sink, "stem");
  const Value conv =
      sink.add("conv2d", {image}, {{"out_channels", channels}, {"kernel", 3}, {"padding", 1}});
  return sink.add("batch_norm", {conv});
}

Value nasbench201_head(GraphSink& sink, Value features, std::int64_t classes) {
  const Scope scope(sink, "head");
  const Value normal = sink.add("batch_norm", {features});
  const Value active = sink.add("relu", {normal});
  const Value pooled = sink.add("global_avg_pool", {active});
  return sink.add("linear", {pooled}, {{"out_features", classes}});
}

}  // namespace nas
