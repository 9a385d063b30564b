/// What a run has to say.
package struct Report: Hashable, Sendable {
    /// 0 to 100; nil and lower values change nothing.
    package var progress: Double?
    /// The step that speaks, at most ``Limits/textBytes``; nil: as before.
    package var step: String?
    /// A sentence for people, of at most ``Limits/textBytes``; nil: as before.
    package var message: String?
    /// Lines for the log, without numbers: the map numbers them.
    package var lines: [LogLine]

    package init(progress: Double? = nil, step: String? = nil, message: String? = nil, lines: [LogLine] = []) {
        self.progress = progress
        self.step = step
        self.message = message
        self.lines = lines
    }
}
