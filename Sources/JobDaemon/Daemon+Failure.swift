import JobModel
import JobStorage
import JobWire
import Logging
import Synchronization

/// What happens when the store says no.
extension Daemon {
    /// Times a decision is made anew after conflicts before its client is told to come back later.
    private static let maximumTries = 5
    /// How long the daemon waits before it says again what a failed commit took back.
    private static let pauseAfterFailure: Duration = .seconds(1)

    static let storeIsDamaged = Refusal(.unavailable, "The store is damaged; the operator is told why.")

    /// Undoes everything that is not durable, newest first, then answers or decides anew.
    func takeBack(_ error: StoreError) {
        metrics.recordFailedCommit()
        let decisions = batches.withLock { $0.takeFailed() }
        for decision in decisions.reversed() {
            for event in decision.events.reversed() {
                map.undo(event)
                if case .file(let event) = event { fileGuests.add(event.fileId) }
            }
        }
        switch error {
        case .damaged(let reason):
            logger.critical("the store is damaged", metadata: ["reason": "\(reason)"])
            isDamaged = true
            for decision in decisions { decision.reply?(.failure(Self.storeIsDamaged)) }
            damageHandler(reason)
        case .conflict(let conflict):
            learn(conflict)
            for decision in decisions { decideAgain(decision, otherwise: .unavailable) }
            scheduleWake()
        case .full(let reason):
            refuse(decisions, .storageFull, "There is no space left to store this.", reason)
        case .unavailable(let reason):
            refuse(decisions, .unavailable, "The store did not take this; try again in a moment.", reason)
        }
        if isIdle { becameIdle() }
    }

    /// The reason is for the operator; strangers are told what it means for them.
    private func refuse(_ decisions: [Decision], _ code: ErrorCode, _ message: String, _ reason: String) {
        logger.error("a commit failed", metadata: ["code": "\(code.rawValue)", "reason": "\(reason)"])
        for decision in decisions {
            decision.reply?(.failure(Refusal(code, message)))
            if decision.reply == nil { saveForLater(decision.command) }
        }
        lookAgainLater()
    }

    /// Finds out whether the store takes changes again: nobody else would, when all stay away because it does not.
    func checkStore() {
        inBackground { [self] in
            do throws(StoreError) {
                try await store.checkWritable()
                await storeIsWell()
            } catch {
                await lookAgainLater()
            }
        }
    }

    /// Says again what was taken back meanwhile.
    func storeIsWell() {
        guard !isStoreWell else { return }
        isStoreWell = true
        lookAgainAt = nil
        logger.notice("the store takes changes again")
        let again = unsaid
        unsaid = []
        for command in again { decide(command) }
        scheduleWake()
    }

    private func lookAgainLater() {
        isStoreWell = false
        lookAgainAt = clock.now + Self.pauseAfterFailure
        scheduleWake()
    }

    private func decideAgain(_ decision: Decision, otherwise code: ErrorCode) {
        if decision.tries < Self.maximumTries {
            decide(decision.command, reply: decision.reply, tries: decision.tries + 1)
        } else {
            refuse([decision], code, "Others keep changing the same jobs.", "conflicts")
        }
    }

    /// Only what a run says would be lost; time passes again by itself.
    private func saveForLater(_ command: Command) {
        switch command {
        case .report, .finish, .release, .recover: unsaid.append(command)
        case .expire, .tick, .create, .process, .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause,
            .resume:
            break
        }
    }

    /// Takes over what the store has instead of what the map believed.
    private func learn(_ conflict: StoreError.Conflict) {
        for record in conflict.jobs {
            map.replace(record)
            image.set(record)
        }
        for id in conflict.missingJobs {
            map.remove(id)
            image.remove(id)
        }
        for file in conflict.files {
            map.replace(file)
            fileGuests.add(file.file.fileId)
        }
        for id in conflict.missingFiles { map.forget(id) }
    }
}
