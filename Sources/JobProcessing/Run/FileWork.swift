import JobModel

/// With which of a job's files steps have done something: looking at a file is not yet doing something with it, where a
/// pipeline has more to do than to look.
struct FileWork {
    private var done: Set<Int> = []
    /// Why a step that may fail has failed, by the file.
    private var failures: [Int: String] = [:]
    private let onlyLooks: Bool
    private var hasRun = false

    init(_ pipeline: Pipeline) {
        onlyLooks = pipeline.steps.allSatisfy { $0.action == .builtIn(.inspect) }
    }

    mutating func completed(_ run: StepRun) {
        hasRun = true
        guard onlyLooks || run.step.action != .builtIn(.inspect) else { return }
        done.formUnion(run.inputs.map(\.index))
    }

    /// Takes note that a step ran for a job without files.
    mutating func completedWithoutFiles() { hasRun = true }

    mutating func failed(_ run: StepRun, because message: String) {
        hasRun = true
        for file in run.inputs { failures[file.index] = message }
    }

    /// Whether a step that may fail has failed on a file; the log has its warning.
    func hasFailed(on file: WorkingFile) -> Bool { failures[file.index] != nil }

    /// A sentence for each file with which nothing was done.
    func notices(of files: [WorkingFile]) -> [(file: WorkingFile, notice: String)] {
        files.filter { !done.contains($0.index) }.map { file in
            let reason = failures[file.index] ?? Self.reason(for: file.mediaType)
            return (file, Text.limited("Nothing was done with \(file.name). \(reason)"))
        }
    }

    private static func reason(for mediaType: String) -> String {
        mediaType == "application/x-empty"
            ? "The file is empty." : "No step of this pipeline is for such a file (\(mediaType))."
    }

    /// The same of the whole job; nil when something was done with every file, or a step ran for a job without files.
    func summary(of files: [WorkingFile], notices: [String]) -> String? {
        if files.isEmpty { return hasRun ? nil : "Nothing was done. No step of this pipeline runs without a file." }
        if notices.count > 1 {
            return "Nothing was done with \(notices.count) of \(files.count) files. The result says why."
        }
        return notices.first
    }
}
