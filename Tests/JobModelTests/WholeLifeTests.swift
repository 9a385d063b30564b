import FoundationEssentials
import JSON
import JobModel
import JobTesting
import Testing

/// Random lives of jobs with workers, keys, turns, dependencies, batches, schedules and limits: what always holds, and that
/// undoing is exact.
///
/// Long lives: `RANDOM_COMMANDS=1000000 swift test --filter WholeLifeTests`, with `RANDOM_SEED` to begin elsewhere.
@Suite(.timeLimit(.minutes(60)))
struct WholeLifeTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let commands = environment["RANDOM_COMMANDS"].flatMap { Int($0) }
    private static let firstSeed = environment["RANDOM_SEED"].flatMap { UInt64($0) } ?? 0

    @Test(arguments: 0..<6 as Range<UInt64>)
    func whatAlwaysHoldsHolds(seed: UInt64) throws {
        var life = WholeLife(seed: Self.firstSeed + seed)
        for number in 0..<(Self.commands ?? 6 * 700) / 6 {
            life.step()
            // A long one is looked at less often as a whole; each event is looked at.
            if Self.commands == nil || number.isMultiple(of: 10), let mistake = life.mistake() {
                Issue.record("\(mistake), seed \(Self.firstSeed + seed)")
                return
            }
        }
        // A life in which something never happened proves nothing about it.
        #expect(life.seen.isSuperset(of: JobStatus.allCases))
        let tally = life.tally
        #expect(tally.claims > 0 && tally.words > 0 && tally.lost > 0 && tally.stale > 0 && tally.undone > 0)
        #expect(tally.freed > 0 && tally.runs[.worker] ?? 0 > 0 && tally.runs[.jobd] ?? 0 > 0)
        if Self.commands != nil { print("seed \(Self.firstSeed + seed): \(tally)") }
    }

    @Test(arguments: 100..<105)
    func undoingRestoresEveryIndex(seed: UInt64) throws {
        var life = WholeLife(seed: seed)
        for _ in 0..<250 {
            let before = life.map.everything
            let trial = life.map
            let (command, now) = life.next()
            if let events = try? life.map.apply(command, at: now) {
                for event in events.reversed() { life.map.undo(event) }
                // Who asks goes on asking: that is not stored.
                if case .claim(let offer) = command { _ = life.map.withdraw(offer.id) }
            }
            #expect(life.map.everything == before, "\(command), seed \(seed)")
            life.map = trial
            _ = try? life.map.apply(command, at: now)
        }
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
        let schedules = allSchedules.map { "\($0) \(nextMoments(of: $0, after: Timestamp(milliseconds: 0)))" }
        return lives + queues + schedules + [
            "\(isDrained)", "\(offerCount)", "\(copy.nextDeadline() as Timestamp?)",
        ]
    }
}
