import JSON
import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore

/// Gives messages to webhooks, which are in the store, to whoever sends them.
///
/// An actor on the daemon's loop; who asks and who sends which is in ``Outbox``.
actor OutboxKeeper {
    /// Between two looks while the store cannot be read.
    private static let pause = Duration.seconds(1)

    private nonisolated let loop: any EventLoop
    private nonisolated let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let store: any JobStore
    private let clock: any JobClock
    private let logger: Logger
    /// Those of the configuration.
    private var webhooks: [WebhookName: Webhook]
    private var outbox = Outbox()
    private var isStopped = false

    init(
        loop: any EventLoop, store: any JobStore, clock: any JobClock, logger: Logger, webhooks: [WebhookName: Webhook]
    ) {
        self.loop = loop
        executor = loop.executor
        self.store = store
        self.clock = clock
        self.logger = logger
        self.webhooks = webhooks
    }

    /// Takes over the webhooks of a configuration.
    func setWebhooks(_ webhooks: [WebhookName: Webhook]) {
        self.webhooks = webhooks
        look()
    }

    /// Nobody gets any more.
    func stop() {
        isStopped = true
        outbox.setWake(nil)
        for reply in outbox.takeAll(thatWait: true) { reply(.success(posted([]))) }
    }

    /// Forgets a connection that has ended.
    func end(_ connection: ObjectIdentifier) {
        outbox.end(connection)
        look()
    }

    /// Whether there is somebody who sends messages.
    var hasSender: Bool { outbox.hasSender }

    // MARK: For whoever sends them

    /// Asks for messages that are due; the reply comes when there are some, or when the wait is over.
    func take(wait: Duration, for listener: any WatchListener, reply: @escaping Reply) {
        guard !isStopped else { return reply(.success(posted([]))) }
        guard let number = outbox.add(reply, of: ObjectIdentifier(listener)) else {
            let problem = "A connection waits for messages at most \(Outbox.waitingTakers) times at once."
            return reply(.failure(Refusal(.tooManyRequests, problem)))
        }
        if wait > .zero {
            let timeout = loop.scheduleTask(in: TimeAmount(wait)) {
                self.assumeIsolated { $0.endWaiting(ofTaker: number) }
            }
            outbox.setTimeout(timeout, of: number)
        }
        look()
    }

    private func endWaiting(ofTaker number: Int) {
        outbox.take(number)?(.success(posted([])))
    }

    /// Gives what is due to those who ask.
    func look() {
        guard let limits = outbox.beginLook(for: webhooks.keys) else { return }
        let now = clock.now
        inBackground { [self] in
            do throws(StoreError) {
                let due = try await store.dueDeliveries(of: limits, at: now)
                await endLook(due)
            } catch {
                logger.warning("the outbox cannot be read", metadata: ["reason": "\(error)"])
                await endLook(DueDeliveries(next: now + Self.pause))
            }
        }
    }

    private func endLook(_ due: DueDeliveries) {
        if let (reply, deliveries) = outbox.endLook(due.deliveries) { reply(.success(posted(deliveries))) }
        if outbox.isLookDue { return look() }
        for reply in outbox.takeAll(thatWait: false) { reply(.success(posted([]))) }
        outbox.setWake(
            due.next.map { next in
                clock.wake(at: next, on: loop) { self.assumeIsolated { $0.look() } }
            })
    }

    /// Messages with all that is needed to send them.
    private func posted(_ deliveries: [Delivery]) -> ByteBuffer {
        let orders = deliveries.compactMap { delivery -> JSONValue? in
            guard let webhook = webhooks[delivery.webhook] else { return nil }
            return [
                "id": .string(delivery.id.description), "webhook": .string(delivery.webhook.description),
                "url": .string(webhook.address.description), "secretFile": .string(webhook.secretFile),
                "allowPrivate": .bool(webhook.allowPrivate), "body": .string(delivery.body),
            ]
        }
        return ByteBuffer(bytes: (["deliveries": .array(orders)] as JSONValue).bytes)
    }

    /// Takes note of how sending ended; of one that another connection sends, nothing is noted.
    func note(
        _ id: DeliveryID, _ outcome: Delivery.Outcome, for listener: any WatchListener, reply: @escaping Reply
    ) {
        guard outbox.counts(id, by: ObjectIdentifier(listener)) else {
            return reply(.failure(Refusal(.deliveryNotFound, "Another connection sends the message \(id).")))
        }
        let now = clock.now
        inBackground { [self] in
            do throws(StoreError) {
                let delivery = try await store.changeDelivery(id, at: now) { $0.note(outcome, at: now) }
                await changed(id, delivery, reply)
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }

    private func changed(_ id: DeliveryID, _ delivery: Delivery?, _ reply: Reply) {
        outbox.letGo(id)
        if let delivery, delivery.status == .abandoned {
            logger.warning(
                "a message to a webhook is given up",
                metadata: [
                    "message": "\(id)", "webhook": "\(delivery.webhook)", "job": "\(delivery.jobId)",
                    "reason": "\(delivery.tries.problem ?? "")",
                ])
        }
        answer(with: id, delivery, reply)
    }

    private func answer(with id: DeliveryID, _ delivery: Delivery?, _ reply: Reply) {
        look()
        guard let delivery else {
            return reply(.failure(Refusal(.deliveryNotFound, "There is no message \(id) to a webhook.")))
        }
        reply(.success(ByteBuffer(bytes: delivery.json.bytes)))
    }

    // MARK: For whoever looks after them

    /// Has one sent once more; one that is being sent is let be.
    func redeliver(_ id: DeliveryID, reply: @escaping Reply) {
        let isUnderWay = outbox.isHeld(id)
        let now = clock.now
        inBackground { [self] in
            do throws(StoreError) {
                let delivery = try await store.changeDelivery(id, at: now) { if !isUnderWay { $0.sendAgain(at: now) } }
                await answer(with: id, delivery, reply)
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }

    /// What waits for each webhook of the configuration, and for others that something still waits for; nil while the store
    /// cannot be read.
    func pending() async -> [WebhookName: PendingDeliveries?]? {
        guard let pending = try? await store.pendingDeliveries() else { return nil }
        let idle = Dictionary(uniqueKeysWithValues: webhooks.keys.map { ($0, PendingDeliveries?.none) })
        return idle.merging(pending.mapValues(Optional.some)) { $1 }
    }
}
