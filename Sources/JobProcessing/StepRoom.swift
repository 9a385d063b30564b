/// What a step sees and may besides what every step in a room does.
package struct StepRoom: Hashable, Sendable {
    /// The daemon's network.
    package var network = false
    /// Paths that it may read.
    package var read: [String] = []
    /// Paths that it may change.
    package var write: [String] = []
    /// The homes of the machine's users, to read.
    package var home = false

    package init() {}

    /// Every path that is there to be read.
    var readable: [String] { read + (home ? ["/home", "/root"] : []) }
}
