import JSON
import JobModel
import JobSystem

/// What a step's room has beyond what every room has.
struct RoomOrder: Hashable, Sendable {
    /// Paths that are there read-only.
    var readable: [String]
    /// Paths that are there and may be written; the run's folders among them.
    var writable: [String]
    /// The folder that is `/tmp`, too.
    var temporary: String
    var network: Bool
    var processes: Int
    /// Looked for instead of running the command: none of them may be in sight.
    var hidden: [String]?

    /// The most processes and threads of a step.
    static let usualProcesses = 512

    var json: JSONValue {
        var order: JSONObject = [
            "read": .array(readable.map { .string($0) }), "write": .array(writable.map { .string($0) }),
            "temporary": .string(temporary), "network": .bool(network), "processes": JSONValue(Int64(processes)),
        ]
        order["hidden"] = hidden.map { .array($0.map { .string($0) }) }
        return .object(order)
    }

    var room: Room {
        var room = Room()
        room.readable = readable
        room.writable = writable
        room.temporary = temporary
        room.network = network
        room.processes = processes
        room.hidden = hidden
        return room
    }
}

extension RoomOrder {
    /// Nil when the value is not what ``json`` gives.
    init?(_ order: JSONValue) {
        func texts(_ key: String) -> [String]? {
            guard let values = order[key]?.array else { return nil }
            let texts = values.compactMap(\.string)
            return texts.count == values.count ? texts : nil
        }
        guard let readable = texts("read"), let writable = texts("write"), let temporary = order["temporary"]?.string,
            let network = order["network"], network == true || network == false,
            let processes = order["processes"]?.integer.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(
            readable: readable, writable: writable, temporary: temporary, network: network == true,
            processes: processes, hidden: texts("hidden"))
    }
}
