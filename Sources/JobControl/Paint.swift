import Glibc
import JobModel

/// Colours, for a terminal whose user wants them.
struct Paint: Sendable {
    let isOn: Bool

    /// That of standard output: without `NO_COLOR`, on a terminal that has colours.
    static let output = Paint(isOn: Output.isTerminal && isWanted { getenv($0).map { String(cString: $0) } })

    /// Whether the environment lets a terminal have colours; an empty `NO_COLOR` says nothing.
    static func isWanted(_ variable: (String) -> String?) -> Bool {
        (variable("NO_COLOR") ?? "").isEmpty && (variable("TERM") ?? "dumb") != "dumb"
    }

    /// The word of a state, in the colour of the state.
    func status(_ word: String) -> String {
        guard isOn, let colour = JobStatus(rawValue: word).flatMap(Self.colour) else { return word }
        return "\u{1B}[\(colour)m\(word)\u{1B}[0m"
    }

    /// The number that terminals know it by; states that wait have none.
    private static func colour(_ status: JobStatus) -> Int? {
        switch status {
        case .completed: 32
        case .failed: 31
        case .cancelled: 33
        case .processing: 36
        case .pending, .blocked, .scheduled, .queued: nil
        }
    }
}
