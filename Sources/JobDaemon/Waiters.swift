import JobModel
import JobWire
import NIOCore

/// Requests that wait for a job to change; none of them holds a thread.
struct Waiters {
    struct Waiter {
        let access: Access
        let since: Int64
        let reply: Reply
        let timeout: Scheduled<Void>
    }

    private var waiters: [JobID: [Int: Waiter]] = [:]
    private var lastNumber = 0

    var count: Int { waiters.values.reduce(0) { $0 + $1.count } }

    /// Adds a waiter; the number takes it out again.
    mutating func add(_ id: JobID, makeWaiter: (Int) -> Waiter) {
        lastNumber += 1
        waiters[id, default: [:]][lastNumber] = makeWaiter(lastNumber)
    }

    /// Takes one out when its time has run out; nil when it was answered already.
    mutating func remove(_ number: Int, from id: JobID) -> Waiter? {
        let waiter = waiters[id]?.removeValue(forKey: number)
        if waiters[id]?.isEmpty == true { waiters[id] = nil }
        return waiter
    }

    func areWaiting(for id: JobID) -> Bool { waiters[id] != nil }

    /// Answers those for whom this state is news.
    mutating func tell(_ record: JobRecord, json: ByteBuffer?) {
        guard let waiting = waiters[record.jobId] else { return }
        for (number, waiter) in waiting where waiter.access.sees(record) {
            let answer: Result<ByteBuffer, Refusal>
            switch record {
            case .gone(let tombstone): answer = .failure(Refusal(.jobGone(tombstone)))
            case .job(let job):
                guard let json, job.version > waiter.since || job.status.isFinal else { continue }
                answer = .success(json)
            }
            waiter.timeout.cancel()
            _ = remove(number, from: record.jobId)
            waiter.reply(answer)
        }
    }

    /// Lets everybody go unanswered: their connections are being closed.
    mutating func removeAll() {
        for waiter in waiters.values.flatMap(\.values) { waiter.timeout.cancel() }
        waiters = [:]
    }
}
