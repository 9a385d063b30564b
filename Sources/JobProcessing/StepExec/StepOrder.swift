import Glibc
import JSON
import JobModel
import JobSystem

/// What a supervisor is to do: one line of JSON, which the daemon writes on the control socket and the supervisor reads.
struct StepOrder: Hashable {
    /// Where the command starts.
    var workDirectory: String
    /// The program, looked for in the `PATH` of the environment, and its arguments.
    var command: [String]
    /// The whole environment of the command.
    var environment: [String: String]
    /// The room that the command runs in; nil for none.
    var room: RoomOrder?
    /// The supervisor heeds all but silence and what is printed, which the daemon sees.
    var limits: StepLimits

    /// The line; spans are in milliseconds, sizes in bytes.
    var line: [UInt8] {
        var order: JSONObject = [
            "workDirectory": .string(workDirectory),
            "command": .array(command.map { .string($0) }),
            "environment": .object(JSONObject(environment.map { .init(key: $0.key, value: .string($0.value)) })),
            "grace": JSONValue(limits.grace.milliseconds),
        ]
        order["room"] = room?.json
        order["timeout"] = limits.timeout.map { JSONValue($0.milliseconds) }
        order["memory"] = limits.memoryBytes.map { JSONValue($0) }
        order["cpu"] = limits.cpu.map { JSONValue($0.milliseconds) }
        order["output"] = limits.outputBytes.map { JSONValue($0) }
        var line: [UInt8] = []
        JSONValue.object(order).write(into: &line)
        return line + [UInt8(ascii: "\n")]
    }
}

extension StepOrder {
    /// Nil when the line is not what ``line`` writes.
    init?(line: [UInt8]) {
        guard let order = try? JSONValue.parse(line),
            let workDirectory = order["workDirectory"]?.string,
            let grace = order["grace"]?.integer,
            let words = order["command"]?.array, !words.isEmpty,
            let variables = order["environment"]?.object?.members
        else { return nil }
        command = words.compactMap(\.string)
        environment = Dictionary(
            variables.compactMap { entry in entry.value.string.map { (entry.key, $0) } }, uniquingKeysWith: { $1 })
        guard command.count == words.count, environment.count == variables.count else { return nil }
        func span(_ key: String) -> Duration? { order[key]?.integer.map { .milliseconds($0) } }
        self.workDirectory = workDirectory
        if let described = order["room"] {
            guard let room = RoomOrder(described) else { return nil }
            self.room = room
        }
        limits = StepLimits(
            timeout: span("timeout"), grace: .milliseconds(grace), memoryBytes: order["memory"]?.integer,
            cpu: span("cpu"), outputBytes: order["output"]?.integer)
    }

    /// Waits for the line; nil when the sender is gone before its end, or when it is not an order.
    static func read(from socket: CInt) -> StepOrder? {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = max(0, Glibc.read(socket, buffer.baseAddress, buffer.count))
            }
            guard !bytes.isEmpty else { return nil }
            line += bytes
        }
        return StepOrder(line: line)
    }

    /// Sends the line; when the supervisor is gone, its silence tells.
    func write(to socket: CInt) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
