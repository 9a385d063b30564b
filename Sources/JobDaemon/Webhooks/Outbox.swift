import JobModel
import JobWire
import NIOCore

/// Messages to webhooks on their way: who asks for some, and who is sending which.
struct Outbox {
    /// Messages to one webhook that are sent at the same time, so that a receiver that hangs holds up its own only.
    static let sentAtOnce = 8
    /// Of one connection, requests that wait at the same time.
    static let waitingTakers = 16
    /// What a reply has at most, unless its first message alone is larger.
    static let replyBytes = 4 * 1024 * 1024

    /// Somebody who asks for messages.
    private struct Taker {
        let number: Int
        let connection: ObjectIdentifier
        let reply: Reply
        /// Nil when it is to be answered at once.
        var timeout: Scheduled<Void>?
    }

    private struct Held {
        let webhook: WebhookName
        let connection: ObjectIdentifier
    }

    private var takers: [Taker] = []
    /// Connections that have asked for messages, and have not ended.
    private var senders: Set<ObjectIdentifier> = []
    private var lastNumber = 0
    private var held: [DeliveryID: Held] = [:]
    private var isLooking = false
    /// What was let go since the look began, and may be seen by it as it was before.
    private var letGoMeanwhile: Set<DeliveryID> = []
    private var isChanged = false
    /// Cancels the wake for what is due later.
    private var cancelWake: (@Sendable () -> Void)?

    // MARK: Who asks

    /// Adds a taker; nil when its connection has as many as it may.
    mutating func add(_ reply: @escaping Reply, of connection: ObjectIdentifier) -> Int? {
        guard takers.filter({ $0.connection == connection }).count < Self.waitingTakers else { return nil }
        lastNumber += 1
        senders.insert(connection)
        takers.append(Taker(number: lastNumber, connection: connection, reply: reply))
        return lastNumber
    }

    mutating func setTimeout(_ timeout: Scheduled<Void>, of number: Int) {
        guard let index = takers.firstIndex(where: { $0.number == number }) else { return timeout.cancel() }
        takers[index].timeout = timeout
    }

    /// Takes one out, to be answered; nil when it was already.
    mutating func take(_ number: Int) -> Reply? {
        guard let index = takers.firstIndex(where: { $0.number == number }) else { return nil }
        return remove(at: index).reply
    }

    private mutating func remove(at index: Int) -> Taker {
        let taker = takers.remove(at: index)
        taker.timeout?.cancel()
        return taker
    }

    /// All that wait, or those that do not want to.
    mutating func takeAll(thatWait: Bool) -> [Reply] {
        let out = takers.filter { thatWait || $0.timeout == nil }
        for taker in out { _ = take(taker.number) }
        return out.map(\.reply)
    }

    /// Whether there is somebody who sends messages.
    var hasSender: Bool { !senders.isEmpty }

    // MARK: Looking

    /// Begins a look at the store, for so many messages to each of these; nil when nobody asks, or one goes on.
    mutating func beginLook(for webhooks: some Sequence<WebhookName>) -> [WebhookName: Int]? {
        guard !takers.isEmpty else { return nil }
        isChanged = isLooking
        guard !isLooking else { return nil }
        isLooking = true
        letGoMeanwhile = []
        let busy = Dictionary(grouping: held.values, by: \.webhook).mapValues(\.count)
        // Those that are being sent are among those that are due.
        return webhooks.reduce(into: [:]) { limits, name in
            if busy[name] ?? 0 < Self.sentAtOnce { limits[name] = Self.sentAtOnce }
        }
    }

    /// Ends a look; returns who gets what of that which is due.
    mutating func endLook(_ due: [Delivery]) -> (reply: Reply, deliveries: [Delivery])? {
        isLooking = false
        guard !takers.isEmpty else { return nil }
        var busy = Dictionary(grouping: held.values, by: \.webhook).mapValues(\.count)
        var (chosen, bytes): ([Delivery], Int) = ([], 0)
        for delivery in due
        where held[delivery.id] == nil && !letGoMeanwhile.contains(delivery.id)
            && busy[delivery.webhook] ?? 0 < Self.sentAtOnce
        {
            bytes += delivery.body.utf8.count
            guard chosen.isEmpty || bytes <= Self.replyBytes else { break }
            busy[delivery.webhook, default: 0] += 1
            chosen.append(delivery)
        }
        guard !chosen.isEmpty else { return nil }
        isChanged = true
        let taker = remove(at: 0)
        for delivery in chosen { held[delivery.id] = Held(webhook: delivery.webhook, connection: taker.connection) }
        return (taker.reply, chosen)
    }

    /// Whether another look may find what the last one has not.
    var isLookDue: Bool { isChanged && !isLooking }

    mutating func setWake(_ cancel: (@Sendable () -> Void)?) {
        cancelWake?()
        cancelWake = cancel
    }

    // MARK: What is being sent

    /// Whether a word of a connection counts: it sends the message, or nobody does.
    func counts(_ id: DeliveryID, by connection: ObjectIdentifier) -> Bool {
        held[id].map { $0.connection == connection } ?? true
    }

    func isHeld(_ id: DeliveryID) -> Bool { held[id] != nil }

    mutating func letGo(_ id: DeliveryID) {
        held[id] = nil
        if isLooking { letGoMeanwhile.insert(id) }
    }

    /// Forgets a connection that has ended: what it was sending is to be sent by another one.
    mutating func end(_ connection: ObjectIdentifier) {
        senders.remove(connection)
        for taker in takers where taker.connection == connection { _ = take(taker.number) }
        held = held.filter { $0.value.connection != connection }
    }
}
