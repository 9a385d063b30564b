import JobModel
import JobStorage
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// A daemon's decisions in a random order of everything that may come between them, against a store, step by step.
///
/// Requests, words of running attempts, reads that are old when they arrive, commits that are held, refused, left open or met
/// by conflicts, telling that comes late, things that are forgotten, and crashes.
final class RandomHistory {
    /// What has happened so often; a history in which something never happened proves nothing about it.
    struct Tally: Equatable {
        var steps = 0, told = 0, lookUps = 0, conflicts = 0, failures = 0, doubts = 0, crashes = 0, deletions = 0
        var checks = 0
    }

    private enum Failure {
        case part([(decision: Decision, error: StoreError)])
        case all(StoreError)
    }

    private struct Read {
        let names: Set<RecordID>
        /// Not to be forgotten until it is used.
        let kept: Set<RecordID>
        let jobs: [JobRecord]
        let files: [FileRecord]
        let proposal: Proposal
    }

    private static let rules = Rules(
        widths: ["default": 2, "side": 1],
        pipelines: [JobMap.defaultJobType: .init(maxAttempts: 2, retryDelay: .seconds(3))],
        retention: .init(ended: .seconds(500), pending: .seconds(800), unusedFiles: .seconds(500)))
    /// Who is charged for what is made.
    private static let accounts: [Account?] = [nil, .owner("ann"), .place("192.0.2.1")]
    /// Jobs that are in play at a time, and files.
    private static let width = 12

    private let store: any JobStore
    private var random: SeededGenerator
    /// Whose things are, and how large: a matter of its own, so that it changes nothing of the order.
    private var accounting: SeededGenerator
    private var committer = Committer(rules: RandomHistory.rules, fileLimit: 3)
    private var commits = CommitQueue()
    private var now = Timestamp(milliseconds: 1_000_000)
    /// A batch is asked for, or being written.
    private var isWriting = false
    private var inFlight: [Decision]?
    /// Look-ups that begin at the end of the step.
    private var wanted: [(names: Set<RecordID>, proposal: Proposal)] = []
    private var failure: Failure?
    private var reads: [Read] = []
    /// Written by a commit of which nobody knows whether it is there.
    private var doubtful: [[Event]] = []

    // What everybody was told.
    private var told: [RecordID: Int64] = [:]
    private var running: [JobID: Int64] = [:]
    /// Bytes on the disk.
    private var bytes: Set<FileID> = []
    private var adopted: Set<FileID> = []

    private var asked = 0
    private let answered = Counter()
    private var firstId = 0
    private(set) var tally = Tally()
    /// What was wrong, a sentence each; the first few.
    private(set) var mistakes: [String] = []

    init(store: any JobStore, seed: UInt64) async throws {
        self.store = store
        random = SeededGenerator(seed: seed)
        accounting = SeededGenerator(seed: seed)
        try await load()
    }

    /// Takes so many steps, then comes to rest, and looks at everything.
    func run(steps: Int) async throws {
        for _ in 0..<steps where mistakes.isEmpty {
            try await step()
            if tally.steps % 500 == 0 { try await rest() }
        }
        try await rest()
    }

    // MARK: Steps

    private func step() async throws {
        tally.steps += 1
        if tally.steps % 40 == 0 { firstId += 1 }
        switch below(100) {
        case 0..<46: request()
        case 46..<54: say()
        case 54..<58: pass()
        case 58..<70: begin()
        case 70..<82: try await complete()
        case 82..<88: handle()
        case 88..<94: deliver()
        case 94..<97: forget()
        case 97..<99: look()
        default: if below(40) == 0 { try await crash() }
        }
        try await read()
    }

    private func request() {
        let (job, file) = (anyJob(), anyFile())
        let creation = Creation(
            jobId: job, queue: below(4) == 0 ? "side" : nil, start: below(9) == 0 ? .after(.seconds(below(20))) : nil,
            fileIds: below(4) == 0 ? nil : (0..<below(3)).map { _ in anyFile() }.uniqued(),
            rejectsExisting: below(5) == 0)
        switch below(20) {
        case 0..<5: ask(.create(creation))
        case 5..<8: ask(.process(creation))
        case 8: ask(.update(job, Update(progress: Double(below(100)))))
        case 9: ask(.cancel(job, reason: nil))
        case 10: ask(.retry(job))
        case 11..<14: ask(.delete(job))
        case 14..<17:
            guard adopted.insert(file).inserted else { return ask(.deleteFile(file)) }
            bytes.insert(file)
            let digest = String(repeating: "0", count: 64)
            ask(.adoptFile(JobFile(fileId: file, name: "f", size: 1, mediaType: "text/plain", sha256: digest)))
        case 17: ask(.deleteFile(file))
        case 18: propose(Proposal(command: .expire(job)))
        default: ask(below(2) == 0 ? .pause(queue: "side") : .resume(queue: "side"))
        }
    }

    /// A running attempt reports or ends; now and then one that has ended long ago does.
    private func say() {
        guard let (job, run) = running.min(by: { $0.key.description < $1.key.description }) else { return }
        let late = below(10) == 0 ? run - 1 : run
        let failure = JobFailure(.exit, message: "No.")
        switch below(4) {
        case 0: propose(Proposal(command: .report(job, run: late, Report(progress: Double(below(100))))))
        case 1: propose(Proposal(command: .finish(job, run: late, RunOutcome(.failed(failure, mayRetry: true)))))
        case 2: propose(Proposal(command: .release(job, run: late)))
        default:
            let artifact = Artifact(
                name: .named("made"), mediaType: "text/plain", size: Int64.random(in: 0..<1000, using: &accounting),
                sha256: String(repeating: "0", count: 64))
            let outcome = RunOutcome(.completed, artifacts: Bool.random(using: &accounting) ? [artifact] : [])
            propose(Proposal(command: .finish(job, run: late, outcome)))
        }
    }

    private func pass() {
        now = now + .seconds(below(8) == 0 ? 300 : below(5))
        if let next = committer.nextDeadline(), next <= now, committer.health.isWell {
            propose(Proposal(command: .tick))
        }
    }

    private func begin() {
        guard isWriting, inFlight == nil, failure == nil else { return }
        guard let batch = commits.begin() else {
            isWriting = false
            return
        }
        if batch.contains(where: { !$0.events.isEmpty }) {
            inFlight = batch
        } else {
            _ = commits.finish()
            begin()
        }
    }

    private func complete() async throws {
        guard let batch = inFlight else { return }
        inFlight = nil
        let events = batch.map(\.events)
        switch below(40) {
        case 0: failure = .all(.full("by chance"))
        case 1: failure = .all(.unavailable("by chance"))
        case 2:
            failure = .all(.unknown("by chance"))
            doubtful = events
            tally.doubts += 1
        default:
            let refused = try await store.commit(events)
            if refused.isEmpty {
                _ = commits.finish()
            } else {
                tally.conflicts += refused.count
                failure = .part(commits.finish(except: refused))
            }
        }
    }

    /// What the loop does when it hears of the store.
    private func handle() {
        tell()
        guard let failure else { return }
        self.failure = nil
        isWriting = false
        let decisions = commits.takeFailed()
        switch failure {
        case .part(let refused):
            let taken = committer.takeBack(refused, later: decisions)
            for decision in taken.kept { write(decision) }
            follow(taken)
        case .all(let error):
            tally.failures += 1
            follow(committer.takeBack(decisions, because: error, at: now))
        }
    }

    private func follow(_ taken: TakenBack) {
        for (reply, refusal) in taken.refused { reply(.failure(refusal)) }
        for proposal in taken.again { propose(proposal) }
    }

    /// A read that was begun earlier arrives.
    private func deliver() {
        guard !reads.isEmpty else { return }
        let read = reads.remove(at: below(reads.count))
        for record in read.jobs { committer.admit(record) }
        for file in read.files { committer.admit(file) }
        var proposal = read.proposal
        proposal.asked.formUnion(read.names)
        propose(proposal)
        committer.endLookUp(read.kept)
    }

    private func forget() {
        _ = committer.forget(anyJob())
        committer.forgetSurplus()
    }

    private func look() {
        guard committer.unstored.isLookDue(at: now) else { return }
        if below(3) == 0 {
            _ = committer.unstored.lookFailed(.unavailable("by chance"), at: now)
        } else if let taken = committer.unstored.lookSucceeded() {
            doubtful = []
            follow(taken)
        }
    }

    /// The process ends; what is in doubt or on its way may be there or not.
    private func crash() async throws {
        tally.crashes += 1
        if let batch = inFlight, below(2) == 0 { _ = try await store.commit(batch.map(\.events)) }
        if !doubtful.isEmpty, below(2) == 0 { _ = try await store.commit(doubtful) }
        asked = answered.count
        var untold = inFlight ?? []
        while commits.hasWritten { untold += commits.takeWritten() }
        let events = untold.flatMap(\.events) + doubtful.flatMap { $0 }
        (commits, isWriting, inFlight, failure, reads, wanted, doubtful) = (CommitQueue(), false, nil, nil, [], [], [])
        committer = Committer(rules: Self.rules, fileLimit: 3)
        running = [:]
        try await expectNothingTakenBack()
        try await load(inDoubt: Set(events.map(\.recordId)))
    }

    // MARK: Asking and telling

    private func ask(_ command: Command) {
        asked += 1
        var access = Access.everything
        access.account = Self.accounts.randomElement(using: &accounting) ?? nil
        propose(Proposal(command: command, reply: { [answered] _ in answered.add() }, access: access))
    }

    private func propose(_ proposal: Proposal) {
        switch committer.decide(proposal, at: now, isIdle: commits.isIdle) {
        case .write(let decision): write(decision)
        case .tell(let decision): publish(decision)
        case .lookUp(let names): lookUp(names, proposal)
        case .refuse(let refusal): proposal.reply?(.failure(refusal))
        case .nothing: break
        }
    }

    private func lookUp(_ names: Set<RecordID>, _ proposal: Proposal) {
        tally.lookUps += 1
        committer.beginLookUp(names.union(proposal.asked))
        wanted.append((names, proposal))
    }

    private func write(_ decision: Decision) { if commits.add(decision) { isWriting = true } }

    private func tell() { for decision in commits.takeWritten() { publish(decision) } }

    private func publish(_ decision: Decision) {
        committer.settle(decision)
        for event in decision.events {
            tally.told += 1
            publish(event)
        }
        decision.proposal.reply?(.success(ByteBuffer()))
    }

    private func publish(_ event: Event) {
        let id = event.recordId
        switch event {
        case .job(let event):
            if told[id] != event.before?.revision { note("\(id) was told from \(told[id] ?? 0)") }
            told[id] = event.after.revision
            let job = event.after.job
            if job == nil { tally.deletions += 1 }
            for file in job?.input.files ?? [] where !bytes.contains(file.fileId) {
                note("\(id) has a file \(file.fileId) without bytes")
            }
            running[event.after.jobId] = job.flatMap { $0.status == .processing ? $0.runs.last : nil }
        case .file(let event):
            if told[id] != event.before?.revision { note("\(id) was told from \(told[id] ?? 0)") }
            told[id] = event.after?.revision
            if event.after == nil { bytes.remove(event.fileId) }
        case .queue, .named: break
        }
    }

    private func note(_ mistake: String) { mistakes.append("step \(tally.steps): \(mistake)") }

    // MARK: The store

    private func read() async throws {
        for (names, proposal) in wanted {
            var (jobs, files): ([JobRecord], [FileID]) = ([], [])
            for name in names {
                switch name {
                case .job(let id): if let record = try await store.record(id) { jobs.append(record) }
                case .file(let id): files.append(id)
                case .queue, .batch, .schedule, .upload, .drain, .dedupeKey, .timeZone: break
                }
            }
            reads.append(
                Read(
                    names: names, kept: names.union(proposal.asked), jobs: jobs, files: try await store.files(files),
                    proposal: proposal))
        }
        wanted = []
    }

    private func load(inDoubt: Set<RecordID> = []) async throws {
        let snapshot = try await store.load()
        committer.load(
            snapshot, records: snapshot.jobs.map(JobRecord.job),
            chargedBytes: try await store.totals().chargedBytes, at: now)
        for id in inDoubt {
            switch id {
            case .job(let job):
                let record = try await store.record(job)
                told[id] = record?.revision
            case .file(let file): told[id] = try await store.files([file]).first?.revision
            case .queue, .batch, .schedule, .upload, .drain, .dedupeKey, .timeZone: break
            }
        }
        propose(Proposal(command: .recover))
        while isWriting {
            begin()
            try await completeWell()
            handle()
        }
    }

    private func completeWell() async throws {
        guard let batch = inFlight else { return }
        inFlight = nil
        let refused = try await store.commit(batch.map(\.events))
        if refused.isEmpty { _ = commits.finish() } else { failure = .part(commits.finish(except: refused)) }
    }

    // MARK: Looking

    /// Lets everything come to its end without faults, and compares.
    private func rest() async throws {
        var rounds = 0
        while isWriting || inFlight != nil || failure != nil || !reads.isEmpty || !commits.isIdle
            || !committer.health.isWell
        {
            rounds += 1
            guard rounds < 10_000 else { return note("it does not come to rest") }
            begin()
            try await completeWell()
            handle()
            deliver()
            try await read()
            now = now + .seconds(1)
            if committer.unstored.isLookDue(at: now), let taken = committer.unstored.lookSucceeded() {
                doubtful = []
                follow(taken)
            }
            try await read()
        }
        tally.checks += 1
        let open = asked - answered.count
        if open != 0 { note("\(open) requests were never answered") }
        try await expectWhatWasTold()
    }

    private func expectWhatWasTold() async throws {
        var uses: [FileID: Int] = [:]
        for id in recentJobs {
            let record = try await store.record(id)
            if record?.revision != told[.job(id)] { note("job \(id) is not stored as it was told") }
            if let known = committer.map.record(id), known != record { note("job \(id) is not known as it is stored") }
            for file in record?.job?.input.files ?? [] { uses[file.fileId, default: 0] += 1 }
        }
        let files = try await store.files(recentFiles)
        for id in recentFiles {
            let record = files.first { $0.file.fileId == id }
            if record?.revision != told[.file(id)] { note("file \(id) is not stored as it was told") }
            if committer.map.knows(id), committer.map.file(id) != record {
                note("file \(id) is not known as it is stored")
            }
            if (record?.uses ?? 0) != uses[id, default: 0] {
                note("file \(id) has \(record?.uses ?? 0) uses, and \(uses[id, default: 0]) jobs list it")
            }
            if record != nil, !bytes.contains(id) { note("file \(id) is on record without its bytes") }
        }
        try await expectWhatIsCounted()
        guard tally.checks % 20 == 1, firstId < 20_000 else { return }
        let active = committer.map.activeJobs.sorted { $0.number < $1.number }
        if try await store.load().jobs != active { note("the map does not hold the active jobs that are stored") }
    }

    /// What quotas count is what a recount finds: of open jobs in the map, of bytes in the store.
    private func expectWhatIsCounted() async throws {
        var open: [Account?: Int] = [:]
        for job in committer.map.activeJobs { open[job.asked.account, default: 0] += 1 }
        let bytes = try await store.totals().chargedBytes
        for account in Self.accounts.compactMap(\.self) {
            let use = committer.map.use(of: account)
            if use.openJobs != open[account, default: 0] || use.storedBytes != bytes[account, default: 0] {
                note(
                    "\(account) has \(open[account, default: 0]) jobs and \(bytes[account, default: 0]) bytes, not \(use)"
                )
            }
        }
        let all = committer.map.use(of: nil)
        if all.openJobs != open.values.reduce(0, +) || all.storedBytes != bytes.values.reduce(0, +) {
            note("there are \(open.values.reduce(0, +)) jobs and \(bytes.values.reduce(0, +)) bytes, not \(all)")
        }
    }

    private func expectNothingTakenBack() async throws {
        for id in recentJobs {
            let revision = try await store.record(id)?.revision ?? 0
            if revision < told[.job(id)] ?? 0 { note("job \(id) is older than it was told") }
        }
    }

    // MARK: Chance

    private func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    /// Mostly one that is in play, sometimes one of earlier.
    private func anyJob() -> JobID { .named("j\(anyNumber())") }

    private func anyFile() -> FileID { .named("f\(anyNumber())") }

    private func anyNumber() -> Int {
        below(15) == 0 ? max(firstId - below(Self.width * 2), 0) : firstId + below(Self.width)
    }

    /// Those that name the recent files among them.
    private var recentJobs: [JobID] { recent(120).map { .named("j\($0)") } }

    private var recentFiles: [FileID] { recent(60).map { .named("f\($0)") } }

    private func recent(_ count: Int) -> Range<Int> { max(firstId - count, 0)..<firstId + Self.width + 1 }
}

extension [FileID] {
    fileprivate func uniqued() -> [FileID] {
        var seen: Set<FileID> = []
        return filter { seen.insert($0).inserted }
    }
}
