import Glibc
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// A command's connection to the daemon.
struct Session: Sendable {
    private let client: ControlClient

    /// Connects, runs the body, and closes the connection.
    static func with<Value>(
        _ options: CommonOptions,
        onNotification: @escaping ControlClient.NotificationHandler = { _, _ in },
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let path = options.socketPath
        let client: ControlClient
        do {
            client = try await ControlClient.connect(
                to: path, on: MultiThreadedEventLoopGroup.singleton.next(), onNotification: onNotification
            ).get()
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM {
            throw Exit(
                code: Exit.notPermitted, message: "jobctl: you may not use \(Output.printable(path)); its group may.")
        } catch {
            throw Exit(
                code: Exit.unreachable,
                message: "jobctl: no daemon listens on \(Output.printable(path)); is jobd running? (\(error))")
        }
        defer { client.close() }
        return try await body(Session(client: client))
    }

    /// Sends one request and reads its result.
    func call(_ method: Method, _ params: JSONObject = [:]) async throws -> JSONValue {
        do {
            let result = try await client.call(method, params).get()
            return try JSONValue.parse(result.readableBytesView)
        } catch let refusal as Refusal {
            throw Exit(code: refusal.code.exitCode, message: "jobctl: \(Output.printable(refusal.message))")
        } catch is ControlClient.ConnectionLost {
            throw ConnectionLost()
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
