import JobModel
import JobStorage
import JobWire
import Logging
import Synchronization

/// What happens when the store says no.
extension Daemon {
    /// Some decisions were refused; the others of their commit are durable.
    func takeBack(_ refused: [(decision: Decision, error: StoreError)]) {
        tellAllWritten()
        let taken = committer.takeBack(refused, later: commits.withLock { $0.takeFailed() })
        for loss in taken.losses { logger.error("a change was refused", metadata: ["reason": "\(loss)"]) }
        audience.show(taken.foreign)
        goOn(with: taken.kept)
        follow(taken)
    }

    /// The store has refused a whole commit: nothing of it was written, or nobody knows (`unknown`).
    func takeBack(_ error: StoreError) {
        gauges.metrics.recordFailedCommit()
        tellAllWritten()
        let decisions = commits.withLock { $0.takeFailed() }
        let taken = committer.takeBack(decisions, because: error, at: clock.now)
        logger.error("a commit failed", metadata: ["reason": "\(error)"])
        follow(taken)
        if committer.health.isOver { end(because: error) }
    }

    private func follow(_ taken: TakenBack) {
        for (reply, refusal) in taken.refused { reply(.failure(refusal)) }
        for proposal in taken.again { decide(proposal) }
        scheduleWake()
        if isIdle { becameIdle() }
    }

    private func end(because error: StoreError) {
        guard case .damaged(let reason) = error else { return handlers.end("\(error)") }
        logger.critical("the store is damaged", metadata: ["reason": "\(reason)"])
        handlers.damage(reason)
    }

    // MARK: Whether the store takes changes again

    /// Finds out: nobody else would, when all stay away because it does not.
    func lookAtStore() {
        inBackground { [self] in
            do throws(StoreError) {
                try await store.checkWritable()
                await storeIsWell()
            } catch {
                await lookFailed(error)
            }
        }
    }

    private func lookFailed(_ error: StoreError) {
        if let reason = committer.unstored.lookFailed(error, at: clock.now) { handlers.end(reason) }
        if committer.health.isOver { end(because: error) }
        scheduleWake()
    }

    /// Says again what was kept meanwhile.
    func storeIsWell() {
        guard let taken = committer.unstored.lookSucceeded() else { return }
        logger.notice("the store takes changes again")
        follow(taken)
        syncSchedules()
    }

    func log(damage: [String]) {
        for reason in damage { logger.error("a record is damaged, and left out", metadata: ["reason": "\(reason)"]) }
    }
}
