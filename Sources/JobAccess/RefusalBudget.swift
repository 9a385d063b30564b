/// How many refusals are told in a second, so that whoever is refused fills no log.
package struct RefusalBudget: Sendable {
    package static let ofSecond = 10

    private var second = Int64.min
    private var count = 0

    package init() {}

    /// Takes one more.
    ///
    /// - Parameter second: Now, on a clock that is never set.
    /// - Returns: Whether it is to be told; and how many were not, of the second before, once that is over.
    package mutating func take(in second: Int64) -> (isTold: Bool, untold: Int) {
        var untold = 0
        if second != self.second {
            untold = max(0, count - Self.ofSecond)
            (self.second, count) = (second, 0)
        }
        count += 1
        return (count <= Self.ofSecond, untold)
    }
}
