import JSON
import JobModel
import JobTesting

/// A map and the commands that come to it: from clients, from workers, good ones and late ones, and from the daemon's parts.
struct WholeLife {
    /// What has happened so often.
    struct Tally {
        var claims = 0, words = 0, stale = 0, lost = 0, undone = 0, freed = 0
        var runs: [Runner: Int] = [:]
    }

    var map = JobMap(
        rules: Rules(
            widths: ["default": 3, "narrow": 1],
            pipelines: [
                JobMap.defaultJobType: .init(), "narrow": .init(queue: "narrow", maxAttempts: 2),
                // With those of the daemon in one queue.
                "video": .init(work: .workers, maxAttempts: 2), "audio": .init(queue: "narrow", work: .workers),
            ],
            sharing: ["default": .init(fair: .key, perKey: 2), "narrow": .init(fair: .none, perKey: 1)]))
    private var generator: SeededGenerator
    private var now = Timestamp(milliseconds: 1_000_000)
    private var jobCount = 0
    private var offerCount = 0
    private(set) var seen: Set<JobStatus> = []
    private(set) var tally = Tally()

    /// The jobs that have not ended, by what events said of them.
    private var active: [JobID: JobRecord] = [:]

    // What has been seen, and must not come again.
    /// Who asks, and how many more he takes with this decision.
    private var offers: [OfferID: (offer: Offer, left: Int)] = [:]
    /// Jobs that the map has, in the order in which they came.
    private var kept: [JobID] = []
    private var lastRun: [JobID: Int64] = [:]
    private var tokens: [JobID: LeaseToken] = [:]
    private var freed: Set<JobID> = []

    /// What the last command was to do.
    private var last: Command = .tick
    private var trouble: String?

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    // MARK: Steps

    mutating func step() {
        if below(40) == 0 { withdraw() }
        let (command, now) = next()
        last = command
        let before = active
        if case .claim(let offer) = command {
            tally.claims += 1
            offers[offer.id] = (offer, offer.count)
        }
        let isStale = isStale(command)
        guard let events = try? map.apply(command, at: now) else { return refused(command) }
        if isStale, !events.isEmpty { trouble = "a late word did something" }
        // Now and then the store says no.
        if below(12) == 0, !isOffer(command) {
            tally.undone += 1
            for event in events.reversed() { map.undo(event) }
            return
        }
        for event in events {
            map.settle(event)
            if case .job(let event) = event { look(at: event, among: before) }
        }
        // One that got something is closed with the decision that gave it.
        if offers.values.contains(where: { $0.left < $0.offer.count }) {
            offers = offers.filter { $0.value.left == $0.value.offer.count }
        }
        tidyUp()
    }

    private mutating func refused(_ command: Command) { if case .claim(let offer) = command { offers[offer.id] = nil } }

    private func isOffer(_ command: Command) -> Bool { if case .claim = command { true } else { false } }

    /// An offer that has got nothing is taken back.
    private mutating func withdraw() {
        guard let id = offers.keys.sorted(by: { $0.description < $1.description }).randomElement(using: &generator)
        else { return }
        if !map.withdraw(id) { trouble = "the offer \(id) is not open" }
        offers[id] = nil
    }

    /// What an owner of the map does: jobs that have ended long ago are forgotten.
    private mutating func tidyUp() {
        guard kept.count > 2 * Self.window else { return }
        let old = kept.prefix(kept.count - Self.window).filter { id in
            guard map.forget(id) else { return true }
            map.forget(named: .batch(BatchID(like: id)))
            (lastRun[id], tokens[id]) = (nil, nil)
            freed.remove(id)
            return false
        }
        kept = old + kept.suffix(Self.window)
    }

    private mutating func look(at event: JobEvent, among before: [JobID: JobRecord]) {
        active[event.after.jobId] = event.after.isActive ? event.after : nil
        guard let job = event.after.job else { return }
        seen.insert(job.status)
        if event.kind == .created, event.before == nil { kept.append(job.jobId) }
        let earlier = event.before?.job
        if let earlier {
            if earlier.version > job.version { trouble = "\(job.jobId) lost a version" }
            if event.after.revision != earlier.revision + 1 { trouble = "\(job.jobId) lost a revision" }
            if earlier.status.isFinal, job.status != earlier.status, event.kind != .retried {
                trouble = "\(job.jobId) left \(earlier.status) with \(event.kind)"
            }
            if earlier.status == .blocked, job.status != .blocked { fired(job, from: earlier) }
        }
        if event.kind == .retried { freed.remove(job.jobId) }
        if event.kind == .started { started(job, among: before) }
    }

    /// Nobody runs without having asked, and no run is given twice.
    private mutating func started(_ job: Job, among before: [JobID: JobRecord]) {
        if let other = overtaken(by: job, among: before) { trouble = "\(job.jobId) went before \(other.jobId)" }
        guard let run = job.runs.last, let runner = job.lease.runner else { return }
        tally.runs[runner, default: 0] += 1
        if run <= lastRun[job.jobId] ?? 0 { trouble = "the run \(run) of \(job.jobId) came twice" }
        lastRun[job.jobId] = run
        let work = map.rules.pipelines[job.asked.jobType]?.work
        guard runner == .worker else {
            if runner == .jobd, work != .jobd { trouble = "\(job.jobId) is run by the wrong one" }
            return
        }
        guard let token = job.lease.token, let (offer, left) = offers[token.offer], left > 0, work == .workers,
            offer.queues.contains(job.asked.queue), offer.jobTypes?.contains(job.asked.jobType) ?? true
        else {
            trouble = "\(job.jobId) runs without an offer"
            return
        }
        if active.values.contains(where: { $0.job?.lease.token == token && $0.jobId != job.jobId }) {
            trouble = "\(token) is of two jobs"
        }
        offers[token.offer] = (offer, left - 1)
        tokens[job.jobId] = token
    }

    /// A job is freed once by those that it waits for, and not before.
    private mutating func fired(_ job: Job, from earlier: Job) {
        // It was cancelled, or one of the others failed it.
        guard !job.status.isFinal else { return }
        tally.freed += 1
        if !freed.insert(job.jobId).inserted { trouble = "\(job.jobId) was freed twice" }
        // One that ended, and was retried before the others had ended, has been waited for.
        for id in job.asked.terms.after
        where map.record(id)?.isActive ?? false && earlier.asked.terms.excused[id] == nil {
            trouble = "\(job.jobId) was freed before \(id) had ended"
        }
    }

    /// Of one group and priority, an older job with a free key must not have been waiting before this decision.
    private func overtaken(by job: Job, among before: [JobID: JobRecord]) -> Job? {
        before.keys.lazy.compactMap { map.record($0)?.job }.first { other in
            other.status == .queued && other.asked.queue == job.asked.queue && other.asked.jobType == job.asked.jobType
                && other.asked.priority == job.asked.priority && other.asked.terms.limitKey == job.asked.terms.limitKey
                && other.number < job.number && before[other.jobId]?.status == .queued
                && before[other.jobId]?.job?.asked.priority == job.asked.priority
        }
    }

    // MARK: Commands

    /// Jobs that are in play at a time.
    private static let window = 60

    mutating func next() -> (Command, Timestamp) {
        now = now + .seconds(below(50) == 0 ? 90 : below(5))
        switch below(6) {
        case 0, 1: if let command = endOfARun() { return (command, now) }
        case 2: if let command = wordOfAWorker() { return (command, now) }
        default: break
        }
        return (command(), now)
    }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    /// Mostly one that is in play.
    private mutating func known() -> JobID {
        let first = below(20) == 0 ? 0 : max(0, jobCount - Self.window)
        return .named("j\(Int.random(in: first...max(first, jobCount - 1), using: &generator))")
    }

    private static let failure = JobFailure(.exit, message: "No.")

    /// Something that the daemon or an application runs ends, or says something; now and then of a run that is over.
    private mutating func endOfARun() -> Command? {
        let running = active.values.compactMap(\.job).filter { $0.status == .processing && $0.lease.runner != .worker }
            .sorted { $0.number < $1.number }
        guard let job = running.randomElement(using: &generator), let run = job.runs.last else { return nil }
        if job.lease.runner == .application { return .update(job.jobId, Update(status: .completed)) }
        let said = below(8) == 0 ? run - 1 : run
        switch below(6) {
        case 0..<3: return .finish(job.jobId, run: said, RunOutcome(.completed))
        case 3: return .finish(job.jobId, run: said, RunOutcome(.failed(Self.failure, mayRetry: true)))
        case 4: return .release(job.jobId, run: said, delay: .seconds(below(5)))
        default: return .report(job.jobId, run: said, Report(progress: Double(below(100))))
        }
    }

    /// Whoever holds a job says something, or somebody who held one.
    private mutating func wordOfAWorker() -> Command? {
        let held = kept.filter { tokens[$0] != nil }
        guard let id = held.randomElement(using: &generator), let own = tokens[id] else { return nil }
        let other = held.randomElement(using: &generator).flatMap { tokens[$0] }
        let proof = LeaseProof(jobId: id, token: below(8) == 0 ? other : own)
        tally.words += 1
        switch below(9) {
        case 0..<3: return .say(.complete(result: nil), proof)
        case 3: return .say(.fail(Self.failure, mayRetry: below(2) == 0, retryAfter: nil), proof)
        case 4: return .say(.release, proof)
        case 5: return .say(.report(progress: 50, step: .absent, message: .absent, lines: []), proof)
        case 6: return .renew([proof])
        default:
            guard let run = map.record(id)?.job?.runs.last else { return nil }
            tally.lost += 1
            return .lose(id, run: below(6) == 0 ? run - 1 : run)
        }
    }

    /// Whether a word comes of a run that is over, or from somebody who does not hold the job.
    private mutating func isStale(_ command: Command) -> Bool {
        func runs(_ id: JobID, _ run: Int64) -> Bool {
            map.record(id)?.job.map { $0.status == .processing && $0.runs.last == run } ?? false
        }
        let isStale =
            switch command {
            case .finish(let id, let run, _), .release(let id, let run, _), .report(let id, let run, _),
                .lose(let id, let run):
                !runs(id, run)
            case .say(_, let proof): map.leased(proof) == nil
            case .renew(let claims): claims.allSatisfy { map.leased($0) == nil }
            default: false
            }
        if isStale { tally.stale += 1 }
        return isStale
    }

    private mutating func creation() -> Creation {
        jobCount += 1
        let type = [nil, nil, "narrow", "video", "video", "audio"][below(6)]
        var creation = Creation(jobId: .named("j\(jobCount - 1)"), jobType: type)
        creation.priority = below(3)
        creation.input.fileIds = below(6) == 0 ? nil : []
        if below(5) == 0 { creation.start = .after(.seconds(below(10))) }
        if below(2) == 0 { creation.terms.limitKey = JobKey("k\(below(4))") }
        if below(6) == 0 { creation.terms.dedupeKey = JobKey("d\(below(3))") }
        if below(3) == 0 { creation.terms.after = Array(Set([known(), known()])).filter { $0 != creation.jobId } }
        if below(2) == 0 { creation.terms.afterPolicy = .ended }
        if below(6) == 0 { creation.terms.timeouts.queued = .seconds(below(20) + 1) }
        if below(9) == 0 { creation.terms.timeouts.total = .seconds(below(60) + 1) }
        if below(9) == 0 { creation.terms.timeouts.silence = .seconds(below(60) + 5) }
        return creation
    }

    private mutating func offer() -> Offer? {
        offerCount += 1
        guard let id = OfferID("o\(offerCount)") else { return nil }
        let types = [nil, nil, ["video"], ["audio"], ["video", "audio"]][below(5)]
        return Offer(
            id: id, queues: [["default"], ["narrow"], ["default", "narrow"]][below(3)], jobTypes: types,
            count: below(3) + 1, worker: "w", leaseSeconds: [nil, 5, 30][below(3)])
    }

    private mutating func command() -> Command {
        // What nobody runs would fill the map.
        if active.count > Self.window {
            let waiting = active.values.filter { $0.status != .processing }.compactMap(\.job)
            if waiting.count > Self.window, let oldest = waiting.min(by: { $0.number < $1.number }) {
                return .cancel(oldest.jobId, reason: nil)
            }
        }
        switch below(24) {
        case 0..<7: return .create(creation())
        case 7:
            let jobs = [creation(), creation()]
            let then = below(2) == 0 ? creation() : nil
            return .createBatch(
                BatchCreation(batchId: BatchID(like: jobs[0].jobId), metadata: .emptyObject, jobs: jobs, then: then))
        case 8: return .cancel(known(), reason: nil)
        case 9: return .retry(known())
        case 10: return .delete(known())
        case 11: return .cancelBatch(BatchID(like: known()), reason: nil)
        case 12: return .update(known(), Update(priority: below(3)))
        case 13: return .update(known(), Update(status: .processing))
        case 14: return below(2) == 0 ? .pause(queue: "narrow") : .resume(queue: "narrow")
        case 15: return below(8) == 0 ? .drain : .undrain
        case 16: return below(4) == 0 ? .recover : .tick
        case 17..<20: return offer().map(Command.claim) ?? .tick
        case 20: return below(3) == 0 ? .expire(known()) : .evict(known())
        case 21: return schedule()
        default: return .tick
        }
    }

    private mutating func schedule() -> Command {
        guard let name = ScheduleName("s\(below(2))") else { return .tick }
        switch below(5) {
        case 0: return .deleteSchedule(name)
        case 1: return .runSchedule(name)
        default:
            let plan = Schedule.Plan(
                cron: "*/\(below(5) + 1) * * * *", jobType: ["video", "narrow"][below(2)],
                missed: Schedule.Missed.allCases[below(3)], overlap: below(2) == 0)
            return .putSchedule(name, plan)
        }
    }

    // MARK: Looking

    /// What does not hold that should, nil when all does.
    mutating func mistake() -> String? {
        if let trouble { return "\(trouble) after \(last)" }
        if map.offerCount != offers.count {
            return "\(map.offerCount) offers are open, not \(offers.count) after \(last)"
        }
        let jobs = Array(map.activeJobs)
        if jobs.count != active.count || jobs.contains(where: { active[$0.jobId]?.job != $0 }) {
            return "the map has other jobs than its events said after \(last)"
        }
        let found = slotMistake(jobs) ?? blockedMistake(jobs) ?? batchMistake(jobs)
        return found.map { "\($0) after \(last)" }
    }

    private mutating func slotMistake(_ jobs: [Job]) -> String? {
        // One decision starts so many and no more.
        let isUnfinished = map.nextDeadline() == Timestamp(milliseconds: 0)
        for (name, width) in map.rules.widths {
            let running = jobs.filter { $0.asked.queue == name && $0.holdsSlot }
            let queue = map.queue(name)
            if queue.running != running.count || running.count > width { return "slots of \(name)" }
            if queue.queued != jobs.count(where: { $0.asked.queue == name && $0.status == .queued }) {
                return "those who wait for \(name)"
            }
            let keys = Dictionary(grouping: running.compactMap(\.asked.terms.limitKey)) { $0 }.mapValues(\.count)
            let most = map.rules.sharing[name]?.perKey ?? width
            if keys.values.contains(where: { $0 > most }) { return "a key has too many of \(name)" }
            // Nobody waits for a slot that he could have, unless he is to get it with the next tick.
            if running.count < width, !queue.isPaused, !map.isHeld, !isUnfinished {
                let free = jobs.first { job in
                    job.asked.queue == name && job.status == .queued && hasTaker(job)
                        && (job.asked.terms.limitKey.map { keys[$0, default: 0] < most } ?? true)
                }
                if let free { return "\(free.jobId) waits for nothing" }
            }
        }
        return nil
    }

    /// Whether somebody asks for such a job.
    private func hasTaker(_ job: Job) -> Bool {
        guard map.rules.pipelines[job.asked.jobType]?.work == .workers else { return true }
        return offers.values.contains { offer, _ in
            offer.queues.contains(job.asked.queue) && offer.jobTypes?.contains(job.asked.jobType) ?? true
        }
    }

    private mutating func blockedMistake(_ jobs: [Job]) -> String? {
        guard map.nextDeadline() != Timestamp(milliseconds: 0) else { return nil }
        for job in jobs where job.status == .blocked {
            let open = job.asked.terms.after.contains { map.record($0)?.isActive ?? false }
            let isFollowing = job.asked.terms.follows.flatMap { map.named(.batch($0))?.batch?.finishedAt } == nil
            if !open, job.asked.terms.excused.isEmpty, job.asked.terms.follows == nil || !isFollowing {
                return "\(job.jobId) is blocked for nothing"
            }
        }
        return nil
    }

    private func batchMistake(_ jobs: [Job]) -> String? {
        for number in max(0, jobCount - Self.window)..<jobCount {
            let id = BatchID(like: .named("j\(number)"))
            guard let batch = map.named(.batch(id))?.batch else { continue }
            let active = jobs.count { $0.asked.terms.batchId == id }
            if batch.size - batch.ended != active { return "the counts of \(id)" }
            if (batch.finishedAt != nil) != (active == 0) { return "the end of \(id)" }
        }
        return nil
    }
}
