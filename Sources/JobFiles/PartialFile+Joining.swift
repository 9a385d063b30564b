import Glibc
package import JobModel
import JobSystem

extension PartialFile {
    /// Puts the bytes of parts, which must be complete, one behind the other; durable when it returns.
    ///
    /// - Throws: `otherLength` when one is not complete.
    package func join(_ parts: [FileID], length: Int64, through intake: UploadIntake) throws(UploadError) {
        try intake.checkRoom(for: length)
        let sizes = parts.reduce(Int64(0)) { $0.adding(intake.area.partialSize(of: $1)) }
        guard sizes == length else { throw .otherLength(announced: length, bytes: sizes) }
        try followDigest()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        for part in parts { try append(part, through: intake, by: buffer) }
        let size = try size()
        guard size == length else { throw .otherLength(announced: length, bytes: size) }
        try sync()
    }

    private func append(
        _ part: FileID, through intake: UploadIntake, by buffer: UnsafeMutableRawBufferPointer
    ) throws(UploadError) {
        let path = intake.area.partialPath(of: part)
        let source = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard source >= 0 else {
            if errno == ENOENT { return }
            throw UploadError(SystemError("open", path))
        }
        defer { close(source) }
        while true {
            let count = Glibc.read(source, buffer.baseAddress, buffer.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw UploadError(SystemError("read", path))
            }
            guard count > 0 else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            try intake.write(count) { () throws(SystemError) in try append(bytes) }
        }
    }
}
