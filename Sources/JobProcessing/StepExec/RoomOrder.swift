import JSON
import JobModel
import JobSystem

/// What a step's room has beyond what every room has.
struct RoomOrder: Hashable, Sendable {
    /// Paths that are there read-only.
    var readable: [String]
    /// Paths that are there and may be written.
    var writable: [String]
    /// The daemon's own, which nothing shows.
    var covered: [String]
    /// The run's own: to be read, and to be written.
    var inputs: [String]
    var folders: [String]
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
            "cover": .array(covered.map { .string($0) }), "inputs": .array(inputs.map { .string($0) }),
            "folders": .array(folders.map { .string($0) }),
            "temporary": .string(temporary), "network": .bool(network), "processes": JSONValue(Int64(processes)),
        ]
        order["hidden"] = hidden.map { .array($0.map { .string($0) }) }
        return .object(order)
    }

    var room: Room {
        var room = Room()
        room.readable = readable
        room.writable = writable
        room.covered = covered
        room.inputs = inputs
        room.folders = folders
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
        guard let readable = texts("read"), let writable = texts("write"),
            let covered = texts("cover"), let inputs = texts("inputs"), let folders = texts("folders"),
            let temporary = order["temporary"]?.string,
            let network = order["network"], network == true || network == false,
            let processes = order["processes"]?.integer.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(
            readable: readable, writable: writable, covered: covered, inputs: inputs, folders: folders,
            temporary: temporary, network: network == true, processes: processes, hidden: texts("hidden"))
    }
}
