import Glibc
import JSON
import JobModel
import JobSystem

/// The folder of one run, which goes with it.
struct WorkRoom {
    let path: String

    init() throws(SystemError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/jobctl-work-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", folder) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for name in ["inputs", "output", "work"] { try Directory.make(at: "\(path)/\(name)") }
    }

    var output: String { "\(path)/output" }

    var work: String { "\(path)/work" }

    /// Where an input goes, under its own name as far as that is harmless.
    func inputPath(_ index: Int, _ name: String) throws(SystemError) -> String {
        try Directory.make(at: "\(path)/inputs/\(index)")
        let plain = name.replacing("/", with: "_").replacing("\0", with: "_")
        return "\(path)/inputs/\(index)/\(plain.isEmpty || plain.hasPrefix(".") ? "file" : plain)"
    }

    func write(_ json: JSONValue, to name: String) throws(SystemError) {
        let path = "\(path)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        if let reason = Output.rest(of: Array(JSONText(json).text.utf8), to: descriptor) {
            throw SystemError("write", path, errno: reason)
        }
    }

    /// What the program has made.
    var artifacts: [String] { Directory.names(at: output).filter { ArtifactName($0) != nil }.sorted() }

    func remove() { Directory.removeAny(at: path) }
}
