import JSON
import JobWire
import NIOCore
import NIOPosix

/// A worker's way to the daemon: made again when it breaks, and its leases named again at once.
actor WorkLink {
    /// For how long a word is said again while the daemon is away.
    private static let patience = Duration.seconds(60)

    private let path: String
    private let options: CommonOptions
    private var client: ControlClient?
    /// Leases that last as long as the connection, by their token.
    private var held: [String: JSONObject] = [:]

    init(_ options: CommonOptions) {
        self.options = options
        path = options.socketPath
    }

    /// Connects for the first time, and says why that cannot be done.
    func connectAtOnce() async throws {
        try await Session.with(options) { _ in }
        _ = try await connected()
    }

    func close() { client?.close() }

    func hold(_ lease: JSONObject) { held[lease["token"]?.string ?? ""] = lease }

    func letGo(_ lease: JSONObject) { held[lease["token"]?.string ?? ""] = nil }

    /// Sends one request; what may be repeated is, while the daemon is away.
    ///
    /// - Returns: Nil when the daemon is away.
    /// - Throws: ``Exit`` when it is refused, with the refusal's sentence; ``LeaseLost``.
    func call(_ method: Method, _ params: JSONObject, repeats: Bool = true) async throws -> JSONValue? {
        let end = ContinuousClock.now + Self.patience
        while true {
            do {
                let result = try await connected().call(method, params).get()
                return try JSONValue.parse(result.readableBytesView)
            } catch let refusal as Refusal {
                if refusal.code == .leaseLost || refusal.code == .jobGone { throw LeaseLost() }
                guard refusal.code.mayRetry else {
                    throw Exit(
                        code: refusal.code.exitCode, message: "jobctl: \(Output.printable(Flags.sentence(of: refusal)))"
                    )
                }
            } catch is JSONError {
                throw Exit(code: Exit.failure, message: "jobctl: the daemon's answer cannot be read.")
            } catch {
                // The connection broke, or there is nobody.
                client = nil
            }
            try await Task.sleep(for: .milliseconds(200))
            guard repeats, ContinuousClock.now < end else { return nil }
        }
    }

    private func connected() async throws -> ControlClient {
        if let client { return client }
        let client = try await ControlClient.connect(
            to: path, on: MultiThreadedEventLoopGroup.singleton.next()
        ).get()
        // Another call may have connected meanwhile.
        if let other = self.client {
            client.close()
            return other
        }
        self.client = client
        if !held.isEmpty {
            _ = try await client.call(.renewWork, ["leases": .array(held.values.map(JSONValue.object))]).get()
        }
        return client
    }
}

/// Somebody else has the job, or nobody: nothing that is said of it counts.
struct LeaseLost: Error {}
