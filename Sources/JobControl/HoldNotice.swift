import JSON
import JobModel
import JobWire

/// Tells people why a job that they wait for does not run, on standard error.
actor HoldNotice {
    /// What starts soon needs no notice.
    private static let pause: Duration = .seconds(3)
    /// Jobs that are asked for, one after the other, between two pauses.
    static let askedInARow = 8

    private let isWanted: Bool
    private var told = ""
    /// Where the next job to be asked for stands; behind the last comes the first again.
    private var turn = 0

    init(isWanted: Bool) { self.isWanted = isWanted }

    /// Tells the reason of one job that does not run, once and whenever it changes, until the task is cancelled.
    ///
    /// A later session does not tell it again.
    func tell(of ids: [String], over session: Session) async throws {
        guard isWanted else { return }
        while true {
            try await Task.sleep(for: Self.pause)
            // A job that is deleted, or a daemon that goes away, is noticed by those who follow.
            let hold = await hold(of: ids) { try? await session.call(.explainJob, ["jobId": .string($0)]) }
            guard let hold, hold.text != told else { continue }
            told = hold.text
            // In the place of a bar, which the next state draws again.
            Output.message("\r\u{1B}[K\(hold.id): \(Output.printable(hold.text))")
        }
    }

    /// The next job that does not run; nil when none of those that are asked for waits.
    func hold(
        of ids: [String], _ explain: @Sendable (String) async -> JSONValue?
    ) async -> (id: String, text: String)? {
        for _ in ids.prefix(Self.askedInARow) {
            let id = ids[turn % ids.count]
            if let answer = await explain(id) {
                let because = answer["because"]?.string.flatMap(Explanation.Because.init)
                if because != .running, because != .final { return (id, answer["text"]?.string ?? "") }
            }
            turn += 1
        }
        return nil
    }
}
