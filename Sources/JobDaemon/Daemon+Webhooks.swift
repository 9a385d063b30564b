import JSON
import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore

/// Messages to webhooks: the daemon keeps them, and gives them to whoever sends them.
extension Daemon {
    private enum Post {
        /// Between two looks while the store cannot be read.
        static let pause = Duration.seconds(1)
    }

    private var webhooks: [WebhookName: Webhook] { committer.map.rules.webhooks }

    // MARK: For whoever sends them

    /// Asks for messages that are due; the reply comes when there are some, or when the wait is over.
    func takeDeliveries(wait: Duration, for listener: any WatchListener, reply: @escaping Reply) {
        guard !isStopping else { return reply(.success(posted([]))) }
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
        lookAtOutbox()
    }

    private func endWaiting(ofTaker number: Int) {
        outbox.take(number)?(.success(posted([])))
    }

    /// Gives what is due to those who ask.
    func lookAtOutbox() {
        guard let limits = outbox.beginLook(for: webhooks.keys) else { return }
        let now = clock.now
        inBackground { [self] in
            do throws(StoreError) {
                let due = try await store.dueDeliveries(of: limits, at: now)
                await endLook(due)
            } catch {
                logger.warning("the outbox cannot be read", metadata: ["reason": "\(error)"])
                await endLook(DueDeliveries(next: now + Post.pause))
            }
        }
    }

    private func endLook(_ due: DueDeliveries) {
        if let (reply, deliveries) = outbox.endLook(due.deliveries) { reply(.success(posted(deliveries))) }
        if outbox.isLookDue { return lookAtOutbox() }
        for reply in outbox.takeAll(thatWait: false) { reply(.success(posted([]))) }
        outbox.setWake(
            due.next.map { next in
                clock.wake(at: next, on: loop) { self.assumeIsolated { $0.lookAtOutbox() } }
            })
    }

    /// Nobody gets any more.
    func endPosting() {
        outbox.setWake(nil)
        for reply in outbox.takeAll(thatWait: true) { reply(.success(posted([]))) }
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
    func reportDelivery(
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
                reply(.failure(refusal(for: error)))
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
        tell(of: id, delivery, reply)
    }

    private func tell(of id: DeliveryID, _ delivery: Delivery?, _ reply: Reply) {
        lookAtOutbox()
        guard let delivery else {
            return reply(.failure(Refusal(.deliveryNotFound, "There is no message \(id) to a webhook.")))
        }
        reply(.success(ByteBuffer(bytes: delivery.json.bytes)))
    }

    // MARK: For whoever looks after them

    func listDeliveries(_ fields: DeliveryQueryFields, reply: @escaping Reply) {
        let query = DeliveryQuery(
            webhook: fields.webhook, jobId: fields.jobId, status: fields.status, limit: fields.limit,
            before: fields.before)
        read(reply) { [store] () async throws(StoreError) in
            let page = try await store.deliveries(query)
            let last = page.count == query.limit ? page.last : nil
            return [
                "deliveries": .array(page.map(\.json)),
                "nextCursor": last.map { .string(String($0.number)) } ?? .null,
            ]
        }
    }

    /// Has one sent once more; one that is being sent is let be.
    func redeliver(_ id: DeliveryID, reply: @escaping Reply) {
        let isUnderWay = outbox.isHeld(id)
        let now = clock.now
        inBackground { [self] in
            do throws(StoreError) {
                let delivery = try await store.changeDelivery(id, at: now) { if !isUnderWay { $0.sendAgain(at: now) } }
                await tell(of: id, delivery, reply)
            } catch {
                reply(.failure(refusal(for: error)))
            }
        }
    }

    /// What waits for each webhook of the configuration, and for others that something still waits for; nil while the store
    /// cannot be read.
    nonisolated func pendingDeliveries(_ rules: Rules) async -> [WebhookName: PendingDeliveries?]? {
        guard let pending = try? await store.pendingDeliveries() else { return nil }
        let idle = Dictionary(uniqueKeysWithValues: rules.webhooks.keys.map { ($0, PendingDeliveries?.none) })
        return idle.merging(pending.mapValues(Optional.some)) { $1 }
    }
}
