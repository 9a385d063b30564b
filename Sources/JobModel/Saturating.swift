extension FixedWidthInteger {
    /// The sum, or the nearest number that there is: where an exact sum is not worth a crash.
    package func adding(_ other: Self) -> Self {
        let (sum, isOutside) = addingReportingOverflow(other)
        guard isOutside else { return sum }
        return other > 0 ? .max : .min
    }
}
