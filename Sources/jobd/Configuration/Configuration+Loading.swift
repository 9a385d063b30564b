import Glibc
import JobSystem

extension Configuration {
    /// Where the configuration is when nobody says otherwise; it may be missing there.
    static let usualFile = "/etc/jobd/jobd.toml"
    /// No configuration is longer; what is longer is some other file.
    private static let maximumFileBytes = 1 << 20

    /// Reads the configuration of this process: its flags, its environment, and a file.
    ///
    /// - Parameters:
    ///   - file: Must exist; nil: ``usualFile``, if that exists.
    ///   - flags: Values by key path (`control.socket`).
    ///   - defaults: What holds where nothing is said.
    /// - Returns: It, complete.
    /// - Throws: Everything that is wrong, at once.
    static func load(
        file: String?, flags: [String: String] = [:], defaults: Configuration = .shipped
    ) throws(ConfigurationErrors) -> Configuration {
        let path = file ?? usualFile
        let text: String
        do {
            text = try contents(of: path)
        } catch {
            guard file == nil, error.errno == ENOENT else {
                let message = "\(error.reason); name a file that can be read with --config."
                throw ConfigurationErrors(errors: [ConfigurationError(place: path, message: message)])
            }
            text = ""
        }
        return try read(text, file: path, environment: Environment.variables(), flags: flags, defaults: defaults)
    }

    /// EFBIG for what is too long, EILSEQ for what is not UTF-8.
    private static func contents(of path: String) throws(SystemError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("read", path) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: maximumFileBytes + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard read >= 0 else {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            if read == 0 { break }
            count += read
        }
        guard count <= maximumFileBytes else { throw SystemError("read", path, errno: EFBIG) }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw SystemError("read", path, errno: EILSEQ)
        }
        return text
    }
}
