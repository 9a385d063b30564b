import JSON
package import JobModel
import JobWire
package import Logging
package import NIOCore

/// Takes messages from the daemon, has each sent, and tells the daemon what became of it; connects again for ever.
package struct Courier: Sendable {
    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)
    /// How long one request for messages waits.
    private static let wait = 50

    private let socket: String
    private let loop: any EventLoop
    private let send: @Sendable (Order) async -> Delivery.Outcome
    private let logger: Logger

    /// Asks at a socket; `send` sends a message once.
    package init(
        socket: String, on loop: any EventLoop, logger: Logger,
        send: @escaping @Sendable (Order) async -> Delivery.Outcome
    ) {
        self.socket = socket
        self.loop = loop
        self.logger = logger
        self.send = send
    }

    /// Runs until its task is cancelled; what is being sent then is sent again by the next one.
    package func run() async {
        var pause = Self.shortestPause
        while !Task.isCancelled {
            if let client = try? await ControlClient.connect(to: socket, on: loop).get() {
                logger.debug("connected to the daemon")
                if await serve(client) { pause = Self.shortestPause }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Serves one connection to its end; returns whether the daemon ever answered.
    private func serve(_ client: ControlClient) async -> Bool {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup(returning: Bool.self) { group in
                var isOfUse = false
                do {
                    while !Task.isCancelled {
                        for order in try await take(from: client) {
                            group.addTask { await deliver(order, client) }
                        }
                        isOfUse = true
                    }
                } catch {
                    if !(error is ControlClient.ConnectionLost) {
                        logger.warning("the daemon gives no messages", metadata: ["reason": "\(error)"])
                    }
                }
                client.close()
                // Nobody can be told any more what became of these; the next connection gets them again.
                group.cancelAll()
                return isOfUse
            }
        } onCancel: {
            client.close()
        }
    }

    private func take(from client: ControlClient) async throws -> [Order] {
        let reply = try await client.call(.takeDeliveries, ["waitSeconds": JSONValue(Self.wait)]).get()
        return (try JSONValue.parse(reply.readableBytesView)["deliveries"]?.array ?? []).compactMap(Order.init)
    }

    private func deliver(_ order: Order, _ client: ControlClient) async {
        let outcome = await send(order)
        guard !Task.isCancelled else { return }
        if case .failed(let problem, _, _) = outcome {
            logger.info("a message did not arrive", metadata: ["message": "\(order.id)", "reason": "\(problem)"])
        }
        var pause = Self.shortestPause
        while !Task.isCancelled {
            do {
                _ = try await client.call(.reportDelivery, outcome.params(of: order)).get()
                return
            } catch let refusal as Refusal where refusal.code.mayRetry {
                // The store takes nothing now; sending it again would not help.
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            } catch {
                return
            }
        }
    }
}

extension Delivery.Outcome {
    fileprivate func params(of order: Order) -> JSONObject {
        var params: JSONObject = ["id": .string(order.id)]
        switch self {
        case .delivered(let status):
            params["delivered"] = true
            params["httpStatus"] = JSONValue(status)
        case .failed(let problem, let status, let retryAfter):
            params["delivered"] = false
            params["problem"] = .string(problem)
            params["httpStatus"] = status.map { JSONValue($0) }
            params["retryAfterSeconds"] = retryAfter.map { JSONValue($0.components.seconds) }
        }
        return params
    }
}
