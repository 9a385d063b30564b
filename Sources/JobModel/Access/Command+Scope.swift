extension Command {
    /// The command as whoever gives it means it: a key of somebody who is not an operator is his own, and so is what he makes.
    package func scoped(to access: Access) -> Command {
        switch self {
        case .create(let creation) where access.keepsKeysApart: .create(creation.scoped(to: access))
        case .createBatch(let batch):
            .createBatch(
                BatchCreation(
                    batchId: batch.batchId, owner: access.owner, metadata: batch.metadata,
                    jobs: batch.jobs.map { $0.scoped(to: access) }, then: batch.then?.scoped(to: access)))
        default: self
        }
    }
}

extension Access {
    /// Whether a key of his is not the same as that of somebody else.
    fileprivate var keepsKeysApart: Bool { owner != nil && !isOperator }
}

extension Creation {
    fileprivate func scoped(to access: Access) -> Creation {
        guard access.keepsKeysApart, let owner = access.owner else { return self }
        var creation = self
        creation.terms.limitKey = terms.limitKey.map { JobKey($0.key, owner: owner) }
        creation.terms.dedupeKey = terms.dedupeKey.map { JobKey($0.key, owner: owner) }
        return creation
    }
}
