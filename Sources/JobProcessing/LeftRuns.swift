import Dispatch
import JobFiles
import JobModel
import JobSystem
import Logging
import Synchronization

/// Ends and removes what the runs of a dead daemon have left; the next run of a job waits until that of its own is gone.
final class LeftRuns: Sendable {
    private let logger: Logger
    /// By the job's id: one group for all of its runs, which stays when nothing is left.
    private let cleaning = Mutex<[String: DispatchGroup]>([:])

    init(logger: Logger) { self.logger = logger }

    /// Begins; comes before the first run, and blocks only to look what there is.
    func clean(_ area: FilesArea) {
        for (job, directory) in area.runsDirectories() {
            logger.notice("removing what a run left behind", metadata: ["directory": "\(directory.path)"])
            let group = cleaning.withLock { cleaning in
                let group = cleaning[job] ?? DispatchGroup()
                cleaning[job] = group
                return group
            }
            // A serial queue each, as for lanes: what has to be killed takes its time, and a concurrent one would starve.
            DispatchQueue(label: "jobd.cleaning").async(group: group) { [self] in
                free(directory)
                // In earlier versions a job had a directory, with those of its runs in it.
                for name in directory.names where Int64(name.description) != nil {
                    if let run = try? directory.directory(name) { free(run) }
                }
                directory.removeAll()
                directory.removeSelf()
            }
        }
    }

    private func free(_ directory: Directory) {
        RunLock(in: directory)?.free { [logger] processes in Self.complain(processes, directory.path, logger) }
    }

    /// Says of a run that its processes do not end.
    static func complain(_ processes: [Int32], _ path: String, _ logger: Logger) {
        logger.error(
            "what a run has started does not end; its job waits for it",
            metadata: ["directory": "\(path)", "processes": "\(processes)"])
    }

    /// Blocks until nothing is left of a job's earlier runs, or the next one is not to run either.
    func wait(for job: JobID, until cancellation: Cancellation) {
        guard let group = cleaning.withLock({ $0[job.description] }) else { return }
        while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut, !cancellation.isCancelled {}
    }
}
