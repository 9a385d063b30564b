import Glibc
import JSON
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// A command's connection to the daemon.
struct Session: Sendable {
    /// Only a daemon that hangs takes so long; the largest file may take its time to reach the disk.
    private static let patience = TimeAmount.seconds(30)
    private static let patienceWithFiles = TimeAmount.minutes(10)
    /// A backup to another disk copies everything.
    private static let patienceWithBackups = TimeAmount.hours(24)

    private let client: ControlClient

    /// Connects, runs the body, and closes the connection.
    static func with<Value>(
        _ options: CommonOptions, through door: Door = .operate,
        onNotification: @escaping ControlClient.NotificationHandler = { _, _ in },
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let path = door.path(beside: options.socketPath)
        let client: ControlClient
        do {
            client = try await ControlClient.connect(
                to: path, on: MultiThreadedEventLoopGroup.singleton.next(), onNotification: onNotification
            ).get()
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM {
            throw Exit(
                code: Exit.notPermitted,
                message: "jobctl: you may not use \(Output.printable(path)); "
                    + (door == .admin ? "only its owner may, who is root." : Self.group(of: path)))
        } catch let error as IOError {
            throw unreachable(path, String(cString: strerror(error.errnoCode)))
        } catch {
            throw unreachable(path, "\(error)")
        }
        defer { client.close() }
        return try await body(Session(client: client))
    }

    /// Sends one request and reads its result.
    ///
    /// - Throws: ``Exit`` when it is refused or not answered, ``ConnectionLost``.
    func call(_ method: Method, _ params: JSONObject = [:]) async throws -> JSONValue {
        let deadline = NIODeadline.now() + Self.patience(with: method)
        let timeout = client.eventLoop.scheduleTask(deadline: deadline) { client.close() }
        defer { timeout.cancel() }
        do {
            let result = try await client.call(method, params).get()
            return try JSONValue.parse(result.readableBytesView)
        } catch let refusal as Refusal {
            throw Exit(
                code: refusal.code.exitCode, message: "jobctl: \(Output.printable(Flags.sentence(of: refusal)))")
        } catch is ControlClient.ConnectionLost {
            guard .now() < deadline else {
                throw Exit(
                    code: Exit.unreachable, message: "jobctl: the daemon does not answer; jobctl doctor says more.")
            }
            throw ConnectionLost()
        }
    }

    private static func unreachable(_ path: String, _ reason: String) -> Exit {
        Exit(
            code: Exit.unreachable,
            message: "jobctl: no daemon listens on \(Output.printable(path)): \(Output.printable(reason)). "
                + "Start jobd, or name its socket with --socket or JOBD_SOCKET.")
    }

    /// Who may use the socket, and how one becomes that.
    private static func group(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "its group may." }
        return "its group may; as root, adduser USER \(Accounts.group(status.st_gid)), and let USER sign in again."
    }

    private static func patience(with method: Method) -> TimeAmount {
        switch method {
        case .commitFile: patienceWithFiles
        case .changeJobs: patienceWithFiles
        case .backUpServer: patienceWithBackups
        default: patience
        }
    }

    func close() { client.close() }

    /// Returns when the connection has ended.
    func waitForEnd() async { try? await client.closeFuture.get() }

    /// The daemon went away in the middle; commands that can simply be repeated catch it.
    struct ConnectionLost: Error, CustomStringConvertible {
        let description =
            "the daemon closed the connection before it answered; look with 'jobctl show' what became of it."
    }
}
