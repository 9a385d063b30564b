/// A line that a step wrote.
package struct LogLine: Hashable, Sendable {
    /// From 1, rising within a job, across retries too; 0 until the map has numbered it.
    package var number: Int64
    /// The ``Job/Runs/last`` that wrote it; 0 until the map has numbered it, and for what was stored before runs had numbers.
    package var run: Int64
    /// When the step wrote it, or when the daemon heard of it.
    package let at: Timestamp
    /// The step that wrote it; empty for what belongs to none.
    package let step: String
    /// `stdout`, `stderr`, or `jobd` for what the daemon has to say.
    package let stream: String
    /// Without its line feed; at most ``Limits/lineBytes`` from an application.
    package let text: String

    package init(number: Int64 = 0, run: Int64 = 0, at: Timestamp, step: String, stream: String, text: String) {
        self.number = number
        self.run = run
        self.at = at
        self.step = step
        self.stream = stream
        self.text = text
    }
}
