extension Job {
    /// How far it is, as whoever runs it says.
    package struct Progress: Usual, Sendable {
        /// 0 to 100, never falling within an attempt.
        package var percent: Double
        /// The step that runs or ran last; at most ``Limits/textBytes``.
        package var step: String?
        /// A sentence for people; at most ``Limits/textBytes``.
        package var message: String?
        /// Numbered log lines so far.
        package var lineCount: Int64

        package init(percent: Double = 0, step: String? = nil, message: String? = nil, lineCount: Int64 = 0) {
            self.percent = percent
            self.step = step
            self.message = message
            self.lineCount = lineCount
        }

        /// Before anything was said.
        package static let usual = Progress()
    }
}
