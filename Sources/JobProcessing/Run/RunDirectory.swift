import Glibc
import JSON
import JobFiles
import JobModel
import JobSystem

/// The private directory of a run.
///
/// ```
/// runs/<jobId>@<run>/
///     lock            held by everything that the running step has started
///     input/          the job's files, under numbers; if it has any
///     metadata.json   what the job's creator gave
///     reports         a pipe for what a step has to say and cannot print
///     work/           where commands start; HOME
///     tmp/            TMPDIR
///     output/         what becomes artifacts
///     output-N/       the same, of steps that run for the Nth of several files alone
/// ```
///
/// Steps may do with it what they like: move it, remove it, put links into it. So it is opened once, before the first of
/// them, and afterwards nothing is reached but below what is open. Belongs to the one thread of its run.
final class RunDirectory {
    /// Where it is, for commands; nothing else trusts it.
    let path: String
    /// The directory itself.
    let root: Directory
    let lock: RunLock
    let inputs: RunInputs
    private let runs: Directory
    private let name: Directory.Name
    private let output: Output
    private var outputs: [Int: Output] = [:]
    private var reports: ReportsPipe?

    var work: String { "\(path)/work" }
    var temporary: String { "\(path)/tmp" }
    var metadata: String { "\(path)/metadata.json" }

    /// A directory that holds what becomes artifacts.
    struct Output {
        /// For commands.
        let path: String
        let directory: Directory
        /// What goes before the names of the files in it when they become artifacts.
        let prefix: String
    }

    /// Makes a fresh directory.
    ///
    /// Inputs may be shared with the stored files when steps cannot change them, whatever they do.
    ///
    /// - Throws: `SystemError`; nothing is left then.
    init(for run: Int64, of job: Job, in area: FilesArea, sharing: Bool) throws {
        name = FilesArea.runName(of: job.jobId, run: run)
        path = area.runPath(of: job.jobId, run: run)
        runs = try area.runsDirectory()
        // No run's number is given twice: a folder of this one is from a start that never became durable.
        if let left = try? runs.directory(name) { RunLock(in: left)?.free() }
        runs.remove(name)
        root = try runs.makeDirectory(name)
        do {
            lock = try RunLock(making: root)
            inputs = try RunInputs(of: job, from: area, in: root, sharing: sharing)
            for folder: Directory.Name in ["work", "tmp"] { _ = try root.makeDirectory(folder) }
            output = Output(path: "\(path)/output", directory: try root.makeDirectory("output"), prefix: "")
            try SmallFile.write(job.input.metadata.text, as: "metadata.json", in: root)
        } catch {
            root.removeAll()
            runs.remove(name)
            throw error
        }
    }

    /// Where a step leaves what becomes artifacts, apart from the others' when it works on one of several files alone.
    func output(of file: WorkingFile?) throws -> Output {
        guard let file else { return output }
        if let output = outputs[file.index] { return output }
        let name = "output-\(file.index + 1)"
        // An earlier step may have left something of this name.
        root.remove(Directory.Name(name))
        let made = Output(
            path: "\(path)/\(name)", directory: try root.makeDirectory(Directory.Name(name)),
            prefix: "\(file.index + 1)-")
        outputs[file.index] = made
        return made
    }

    /// Every directory that holds what becomes artifacts.
    var allOutputs: [Output] { [output] + outputs.sorted { $0.key < $1.key }.map(\.value) }

    /// The pipe for words: the same for all steps, unless one of them has put something else in its place.
    func openReports() throws -> ReportsPipe {
        if let reports, reports.isInPlace { return reports }
        let made = try ReportsPipe(in: root, path: "\(path)/reports")
        reports = made
        return made
    }

    /// Removes everything, and whatever has its name by now.
    func remove() {
        root.removeAll()
        runs.remove(name)
        root.removeSelf()
    }
}
