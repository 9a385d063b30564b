import JSON
import JobModel
import JobTesting
import Testing

/// Random lives of jobs with keys, turns, dependencies, batches and limits: what always holds, and that undoing is exact.
@Suite(.timeLimit(.minutes(5)))
struct WholeLifeTests {
    private static let start = Timestamp(milliseconds: 1_000_000)

    @Test(arguments: 0..<6)
    func whatAlwaysHoldsHolds(seed: UInt64) throws {
        var history = WholeLife(seed: seed)
        for _ in 0..<600 {
            history.step()
            if let mistake = history.mistake() {
                Issue.record("\(mistake), seed \(seed)")
                return
            }
        }
        #expect(history.seen.isSuperset(of: JobStatus.allCases))
    }

    @Test(arguments: 100..<105)
    func undoingRestoresEveryIndex(seed: UInt64) throws {
        var history = WholeLife(seed: seed)
        for _ in 0..<200 {
            let before = history.map.everything
            let trial = history.map
            let (command, now) = history.next()
            if let events = try? history.map.apply(command, at: now) {
                for event in events.reversed() { history.map.undo(event) }
            }
            #expect(history.map.everything == before, "\(command), seed \(seed)")
            history.map = trial
            _ = try? history.map.apply(command, at: now)
        }
    }
}

/// A map and the commands that come to it.
private struct WholeLife {
    var map = JobMap(
        rules: Rules(
            widths: ["default": 3, "narrow": 1],
            pipelines: [JobMap.defaultJobType: .init(), "narrow": .init(queue: "narrow", maxAttempts: 2)],
            sharing: ["default": .init(fair: .key, perKey: 2), "narrow": .init(fair: .none, perKey: 1)]))
    private var generator: SeededGenerator
    private var now = Timestamp(milliseconds: 1_000_000)
    private var count = 0
    private(set) var seen: Set<JobStatus> = []
    /// What the last command was to do.
    private var last: Command = .tick
    private var trouble: String?

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func step() {
        let (command, now) = next()
        last = command
        let versions = Dictionary(uniqueKeysWithValues: map.activeJobs.map { ($0.jobId, $0) })
        guard let events = try? map.apply(command, at: now) else { return }
        for case .job(let event) in events {
            map.settle(.job(event))
            guard let job = event.after.job else { continue }
            seen.insert(job.status)
            if let before = event.before?.job, before.version > job.version { trouble = "\(job.jobId) lost a version" }
            if event.kind == .started { checkOrder(of: job, among: versions) }
            if let before = event.before?.job, before.status.isFinal, job.status != before.status,
                event.kind != .retried
            {
                trouble = "\(job.jobId) left \(before.status) with \(event.kind)"
            }
        }
        for event in events { if case .job = event {} else { map.settle(event) } }
    }

    /// Of one group and priority, an older job with a free key must not have been waiting before this decision.
    private mutating func checkOrder(of job: Job, among before: [JobID: Job]) {
        let others = map.activeJobs.filter { other in
            other.status == .queued && other.queue == job.queue && other.jobType == job.jobType
                && other.priority == job.priority && other.terms.limitKey == job.terms.limitKey
                && other.number < job.number && before[other.jobId]?.status == .queued
                && before[other.jobId]?.priority == job.priority
        }
        if let other = others.first(where: { _ in true }) { trouble = "\(job.jobId) went before \(other.jobId)" }
    }

    mutating func next() -> (Command, Timestamp) {
        now = now + .seconds(Int.random(in: 0...4, using: &generator))
        if Int.random(in: 0..<3, using: &generator) == 0 {
            // Something that runs ends.
            let running = map.activeJobs.filter { $0.status == .processing }.sorted { $0.number < $1.number }
            if let job = running.randomElement(using: &generator), let run = job.run {
                let failure = JobFailure(.exit, message: "No.")
                let outcomes = [
                    Outcome(.completed), Outcome(.completed), Outcome(.failed(failure, mayRetry: true)),
                ]
                if job.runner == .application { return (.update(job.jobId, Update(status: .completed)), now) }
                return (.finish(job.jobId, run: run, outcomes.randomElement(using: &generator) ?? outcomes[0]), now)
            }
        }
        return (command(), now)
    }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    private mutating func known() -> JobID { .named("j\(below(max(count, 1)))") }

    private mutating func creation() -> Creation {
        count += 1
        var creation = Creation(jobId: .named("j\(count - 1)"), jobType: below(3) == 0 ? "narrow" : nil)
        creation.priority = below(3)
        creation.fileIds = below(4) == 0 ? nil : []
        if below(5) == 0 { creation.start = .after(.seconds(below(10))) }
        if below(2) == 0 { creation.terms.limitKey = JobKey("k\(below(4))") }
        if below(6) == 0 { creation.terms.dedupeKey = JobKey("d\(below(3))") }
        if below(3) == 0 { creation.terms.after = Array(Set([known(), known()])).filter { $0 != creation.jobId } }
        if below(2) == 0 { creation.terms.afterPolicy = .ended }
        if below(6) == 0 { creation.terms.timeouts.queued = .seconds(below(20) + 1) }
        if below(9) == 0 { creation.terms.timeouts.total = .seconds(below(60) + 1) }
        return creation
    }

    private mutating func command() -> Command {
        switch below(18) {
        case 0..<7: return .create(creation())
        case 7:
            let jobs = [creation(), creation()]
            let then = below(2) == 0 ? creation() : nil
            return .createBatch(
                BatchCreation(
                    batchId: BatchID(like: jobs[0].jobId), metadata: .emptyObject, jobs: jobs, then: then))
        case 8: return .cancel(known(), reason: nil)
        case 9: return .retry(known())
        case 10: return .delete(known())
        case 11: return .cancelBatch(BatchID(like: known()), reason: nil)
        case 12: return .update(known(), Update(priority: below(3)))
        case 13: return .update(known(), Update(status: .processing))
        case 14: return below(2) == 0 ? .pause(queue: "narrow") : .resume(queue: "narrow")
        case 15: return below(6) == 0 ? .drain : .undrain
        case 16: return .recover
        default: return .tick
        }
    }

    // MARK: Looking

    /// What does not hold that should, nil when all does.
    mutating func mistake() -> String? {
        if let trouble { return "\(trouble) after \(last)" }
        let jobs = Array(map.activeJobs)
        for (name, width) in map.rules.widths {
            let placed = jobs.filter { $0.queue == name && $0.holdsPlace }
            let queue = map.queue(name)
            if queue.running != placed.count || placed.count > width { return "places of \(name) after \(last)" }
            if queue.queued != jobs.count(where: { $0.queue == name && $0.status == .queued }) {
                return "those who wait for \(name) after \(last)"
            }
            let keys = Dictionary(grouping: placed.compactMap(\.terms.limitKey)) { $0 }.mapValues(\.count)
            let most = map.rules.sharing[name]?.perKey ?? width
            if keys.values.contains(where: { $0 > most }) { return "a key has too many of \(name) after \(last)" }
            // Nobody waits for a place that he could have.
            if placed.count < width, !queue.isPaused, !map.isHeld {
                let free = jobs.first { job in
                    job.queue == name && job.status == .queued
                        && (job.terms.limitKey.map { keys[$0, default: 0] < most } ?? true)
                }
                if let free { return "\(free.jobId) waits for nothing after \(last)" }
            }
        }
        for job in jobs where job.status == .blocked && map.nextDeadline() != Timestamp(milliseconds: 0) {
            let open = job.terms.after.contains { map.record($0)?.isActive ?? false }
            let isFollowing = job.terms.follows.flatMap { map.named(.batch($0))?.batch?.finishedAt } == nil
            if !open, job.terms.excused.isEmpty, job.terms.follows == nil || !isFollowing {
                return "\(job.jobId) is blocked for nothing after \(last)"
            }
        }
        return batchMistake()
    }

    private func batchMistake() -> String? {
        for number in 0..<count {
            guard let id = JobID("j\(number)"), let batch = map.named(.batch(BatchID(like: id)))?.batch else {
                continue
            }
            let active = map.activeJobs.count { $0.terms.batchId == batch.batchId }
            if batch.size - batch.ended != active { return "the counts of \(batch.batchId) after \(last)" }
            if (batch.finishedAt != nil) != (active == 0) { return "the end of \(batch.batchId) after \(last)" }
        }
        return nil
    }
}

extension JobMap {
    /// Everything that can be asked of a map.
    fileprivate var everything: [String] {
        var copy = self
        let jobs = activeJobs.sorted { $0.number < $1.number }
        let lives = jobs.map { job in
            let explanation = explanation(of: job, at: Timestamp(milliseconds: 1_000_000))
            return "\(job) \(explanation.because) \(explanation.position ?? -1) \(explanation.by)"
        }
        let queues = rules.widths.keys.sorted().map { "\($0) \(queue($0))" }
        return lives + queues + ["\(isDrained)", "\(copy.nextDeadline() as Timestamp?)"]
    }
}
