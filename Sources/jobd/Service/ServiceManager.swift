import Glibc
import JobModel
import JobSystem

/// What systemd, or whoever starts services like it, hands over and wants to hear.
enum ServiceManager {
    /// The listening sockets that were handed over, by their names: `LISTEN_FDS` and `LISTEN_FDNAMES`.
    ///
    /// One alone without a name is that of the operators.
    static func takeListeningSockets() -> [String: CInt] {
        let variables = Environment.variables()
        defer { for name in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] { unsetenv(name) } }
        guard variables["LISTEN_PID"].flatMap({ pid_t($0) }) == getpid(),
            let count = variables["LISTEN_FDS"].flatMap({ Int($0) }), count > 0
        else { return [:] }
        let names = variables["LISTEN_FDNAMES"]?.split(separator: ":").map(String.init) ?? [Door.operate.rawValue]
        var sockets: [String: CInt] = [:]
        // Descriptors begin at 3; children must not inherit them.
        for (name, descriptor) in zip(names, 3..<(3 + CInt(clamping: count))) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            sockets[name] = descriptor
        }
        return sockets
    }

    /// Tells the service manager one fact, such as `READY=1`; does nothing when there is none.
    static func notify(_ fact: String) {
        guard let path = Environment.variables()["NOTIFY_SOCKET"],
            let address = try? UnixAddress(path, mayBeAbstract: true)
        else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array(fact.utf8)
        _ = address.with { sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }

    /// Half of the time within which the watchdog wants to hear of this process; nil without a watchdog.
    static var watchdogInterval: Duration? {
        let variables = Environment.variables()
        guard let microseconds = variables["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0,
            variables["WATCHDOG_PID"].map({ pid_t($0) == getpid() }) ?? true
        else { return nil }
        return .microseconds(microseconds / 2)
    }
}
