import Glibc
import JSON
import JobModel
import JobWire

/// Tells people why a job that they wait for does not run: on standard error, if that is a terminal.
actor HoldNotice {
    /// What starts soon needs no notice.
    private static let pause: Duration = .seconds(3)

    private let isWanted: Bool
    private var told = ""

    init(_ options: CommonOptions) {
        isWanted = !options.json && !options.quiet && isatty(STDERR_FILENO) == 1
    }

    /// Tells the reason of the first job that does not run, once and whenever it changes, until the task is cancelled.
    ///
    /// A later session does not tell it again.
    func tell(of ids: [String], over session: Session) async throws {
        guard isWanted else { return }
        while true {
            try await Task.sleep(for: Self.pause)
            guard let hold = await hold(of: ids, over: session), hold.text != told else { continue }
            told = hold.text
            // In the place of a bar, which the next state draws again.
            Output.message("\r\u{1B}[K\(hold.id): \(Output.printable(hold.text))")
        }
    }

    private func hold(of ids: [String], over session: Session) async -> (id: String, text: String)? {
        for id in ids {
            // A job that is deleted, or a daemon that goes away, is noticed by those who follow.
            guard let answer = try? await session.call(.explainJob, ["jobId": .string(id)]) else { continue }
            let because = answer["because"]?.string.flatMap(Explanation.Because.init)
            if because != .running, because != .final { return (id, answer["text"]?.string ?? "") }
        }
        return nil
    }
}
