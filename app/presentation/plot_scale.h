#pragma once

#include <span>
#include <vector>

namespace nas {

/// The visible range of one axis, linear or logarithmic, which zooms and pans. The plots of reports
/// and of the explorer share it.
class PlotScale {
 public:
  /// Ticks at whole numbers only, of which at least two are visible: epochs, trials.
  void setCounted(bool counted) { counted_ = counted; }
  /// The range that `fit` shows, with a little air: all finite values (all positive ones on a
  /// logarithmic axis).
  void setData(std::span<const double> values);
  void setHeights(double most);  ///< from exactly 0 to `most`: bars stand on their axis
  /// Also shows this value when it fits (a constraint line).
  void include(double value);

  bool logarithmic() const { return logarithmic_; }
  /// Whether a value has a place on this axis.
  bool places(double value) const;
  /// Ignored while no positive value is known. Fits.
  void setLogarithmic(bool wanted);

  /// Takes over the axis of `before` and, if it was moved, its visible range.
  void keep(const PlotScale& before);

  void fit();
  bool fitted() const;
  /// Shows 1 / factor of the range; the value at `share` stays in place.
  void zoom(double factor, double share);
  void pan(double share);                           ///< by this part of the visible range
  void showValues(std::span<const double> values);  ///< these, with air; ignores what has no place
  void show(double from_share, double to_share);

  /// 0 at the low end of the visible range, 1 at the high one; NaN for what has no place.
  double share(double value) const;
  double value(double share) const;
  double low() const { return value(0); }
  double high() const { return value(1); }
  /// At least two round values of the visible range.
  std::vector<double> ticks(int wanted) const;

  /// The values themselves, or their logarithms (NaN where there is none) on logarithmic axes.
  double transformed(double value) const;
  std::vector<double> transformed(std::span<const double> values) const;
  /// share(v) = slope * transformed(v) + offset.
  double slope() const { return 1 / (high_ - low_); }
  double offset() const { return -low_ / (high_ - low_); }

 private:
  void widen();                        ///< a range that doubles cannot resolve
  void look(double low, double high);  ///< unless doubles end before

  bool logarithmic_ = false, counted_ = false;
  bool heights_ = false;                 ///< begins at 0 exactly
  double data_low_ = 0, data_high_ = 1;  ///< of finite values
  double positive_low_ = 0;              ///< the least positive value; 0: none
  double low_ = -0.04, high_ = 1.04;     ///< visible, in transformed units
  double fit_low_ = -0.04, fit_high_ = 1.04;
};

}  // namespace nas
