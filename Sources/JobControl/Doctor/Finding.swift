import JSON
import JobModel

/// What the doctor found out about one thing, and what to do about it.
struct Finding: Hashable, Sendable {
    enum State: String, Sendable {
        case ok
        /// Worth knowing; nothing has to be done.
        case note
        case problem
    }

    /// What was looked at: `socket`, `disk`.
    let check: String
    let state: State
    /// A sentence.
    let text: String
    /// What to do, a sentence; nil where there is nothing to do.
    var advice: String?

    static func ok(_ check: String, _ text: String) -> Finding { Finding(check: check, state: .ok, text: text) }

    static func note(_ check: String, _ text: String, _ advice: String? = nil) -> Finding {
        Finding(check: check, state: .note, text: text, advice: advice)
    }

    static func problem(_ check: String, _ text: String, _ advice: String) -> Finding {
        Finding(check: check, state: .problem, text: text, advice: advice)
    }

    var json: JSONValue {
        [
            "check": .string(check), "state": .string(state.rawValue), "text": .string(text),
            "advice": advice.map(JSONValue.string) ?? .null,
        ]
    }

    /// One line, or two with the advice.
    var lines: [String] {
        let mark = state == .problem ? "PROBLEM" : state.rawValue
        func padded(_ text: String, to width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let first = padded(mark, to: 9) + padded(check, to: 15) + Output.printable(text)
        return [first] + (advice.map { [padded("", to: 24) + "→ " + Output.printable($0)] } ?? [])
    }
}
