/// Queues: who gets a slot.
extension JobMap {
    /// The queues that there are, in the order of their names: those of the configuration, and those that it names no more
    /// and that have jobs or a pause.
    package var queueNames: [String] { Set(rules.widths.keys).union(indexes.queues.names).sorted() }

    /// Jobs that are running, waiting for a slot, and whether the queue is paused.
    package func queue(_ name: String) -> (running: Int, queued: Int, isPaused: Bool) {
        let state = indexes.queues[name]
        return (state.counts.running, state.counts.queued, state.isPaused)
    }

    /// Since when the job waits for a slot that came first of those that do; nil when none does.
    package func firstQueuedAt(in name: String) -> Timestamp? {
        guard let first = indexes.queues[name].first, let job = records[first]?.job else { return nil }
        return job.times.queuedAt ?? job.times.createdAt
    }

    /// The slots of a queue; one that the configuration no longer names has one, so that its jobs come to an end.
    package func width(of name: String) -> Int { max(rules.widths[name] ?? 1, 1) }

    mutating func set(
        paused isPaused: Bool, queue name: String, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        let state = indexes.queues[name]
        guard rules.widths[name] != nil || state.isPaused || state.counts.active > 0 else { throw .queueNotFound(name) }
        guard state.isPaused != isPaused else { return }
        put(.queue(name: name, wasPaused: state.isPaused, isPaused: isPaused), to: &events)
        fill(name, at: now, events: &events)
    }

    /// Starts jobs while their queue has slots, somebody asks for them, and one decision may.
    mutating func fill(
        _ name: String, at now: Timestamp, events: inout [Event], upTo limit: Int = Limits.decisionEvents
    ) {
        guard !isHeld else { return }
        let width = width(of: name)
        indexes.queues.setUnfinished(name, false)
        while events.count < limit {
            guard
                let (job, holder) = indexes.queues.takeNext(
                    name, width: width, in: records, asked: &offers, rules: rules)
            else { return }
            let opening = rules.pipelines[job.asked.jobType]?.opening
            put(.started, job, at: now, to: &events) { $0.begin(by: holder, opening, at: now) }
            if case .worker(let offer) = holder { offers.give(to: offer.id) }
        }
        indexes.queues.setUnfinished(name, true)
    }

    /// Holds everything back from now on, or no more.
    mutating func set(drained isDrained: Bool, at now: Timestamp, to events: inout [Event]) {
        let known = named(.drain)
        guard isDrained != (known != nil) else { return }
        put(
            .named(NamedEvent(id: .drain, before: known, after: isDrained ? .drain(revision: 1) : nil)), to: &events)
        fillAll(at: now, events: &events)
    }

    /// Starts whatever can be started in any queue.
    mutating func fillAll(at now: Timestamp, events: inout [Event], upTo limit: Int = Limits.decisionEvents) {
        for name in queueNames { fill(name, at: now, events: &events, upTo: limit) }
    }
}

extension Job {
    /// Counts a start, whoever runs it.
    mutating func begin(at now: Timestamp) {
        runs.attempt += 1
        runs.last = (runs.last ?? 0) + 1
        times.startedAt = now
    }

    /// Gives it a slot, which the holder keeps until he has ended it or was lost.
    fileprivate mutating func begin(by holder: Holder, _ opening: Report?, at now: Timestamp) {
        status = .processing
        begin(at: now)
        progress.percent = 0
        progress.step = nil
        outcome.error = nil
        times.runAt = nil
        switch holder {
        case .here:
            lease = Lease(runner: .jobd)
            // A message of its creator, or of an earlier run, stays until this run says something.
            if progress.message == nil { (progress.step, progress.message) = (opening?.step, opening?.message) }
        case .worker(let offer):
            lease = Lease(
                runner: .worker, worker: offer.worker, seconds: offer.leaseSeconds, heardAt: now,
                token: LeaseToken(offer: offer.id, number: number))
        }
    }
}
