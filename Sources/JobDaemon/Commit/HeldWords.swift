import JSON
import JobModel

/// What runs said and the store did not take: one entry for each, however long that lasts.
///
/// While a run has an entry, what it says further goes there too, so that its words keep their order. Its lines are as
/// many as a run may log.
struct HeldWords: Sendable {
    private struct Run: Hashable {
        let jobId: JobID
        let number: Int64
    }

    private struct Entry {
        var report: Report?
        /// How it ended, or was released or lost.
        var end: Command?
    }

    private var entries: [Run: Entry] = [:]
    /// In the order of their first words.
    private var order: [Run] = []

    var isEmpty: Bool { order.isEmpty }

    /// Whether something that was said before by the same run is held.
    func hasWords(before command: Command) -> Bool {
        guard !isEmpty, let run = Self.run(of: command) else { return false }
        return entries[run] != nil
    }

    /// Takes a run's word; does nothing with any other command.
    mutating func add(_ command: Command) {
        guard let run = Self.run(of: command) else { return }
        if entries[run] == nil { order.append(run) }
        var entry = entries[run] ?? Entry()
        // Nothing that follows its end counts.
        if entry.end == nil {
            if case .report(_, _, let report) = command {
                entry.report = entry.report?.followed(by: report) ?? report
            } else {
                entry.end = command
            }
        }
        entries[run] = entry
    }

    /// Takes out everything, to be decided in this order.
    mutating func takeAll() -> [Command] {
        defer { self = HeldWords() }
        return order.flatMap { run in
            let report = entries[run]?.report.map { Command.report(run.jobId, run: run.number, $0) }
            return [report, entries[run]?.end].compactMap { $0 }
        }
    }

    private static func run(of command: Command) -> Run? {
        switch command {
        case .report(let id, let number, _), .finish(let id, let number, _), .release(let id, let number, _),
            .lose(let id, let number):
            Run(jobId: id, number: number)
        case .create, .process, .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause, .resume, .expire,
            .evict,
            .createUpload, .readUpload, .setUploadLength, .deleteUpload, .forgetUpload,
            .createBatch, .cancelBatch, .putSchedule, .deleteSchedule, .runSchedule, .readSchedules, .syncSchedules,
            .drain,
            .undrain, .claim, .renew, .say, .tick, .recover:
            nil
        }
    }
}

extension Report {
    /// Both in one: progress never falls, and the later words count.
    fileprivate func followed(by later: Report) -> Report {
        Report(
            progress: [progress, later.progress].compactMap { $0 }.max(), step: later.step ?? step,
            message: later.message ?? message, lines: lines + later.lines)
    }
}
