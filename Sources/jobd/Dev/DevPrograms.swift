import Glibc
import JobSystem

/// The programs that `jobd dev` starts.
struct DevPrograms {
    /// This program's own file; when it is built again meanwhile, the new one.
    let jobd: String
    let nginx: String

    static func find() throws(Dev.Failure) -> DevPrograms {
        // Where nginx is on most systems is not where ordinary users look.
        let path = Environment.variables()["PATH", default: ""] + ":/usr/local/sbin:/usr/sbin:/sbin"
        guard let nginx = ProgramPath.find("nginx", in: path) else {
            throw Dev.Failure(description: "nginx is not installed (apt-get install nginx-light), or not in PATH.")
        }
        return DevPrograms(jobd: try ownFile(), nginx: nginx)
    }

    private static func ownFile() throws(Dev.Failure) -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0 else {
            throw Dev.Failure(description: "\(SystemError("readlink", "/proc/self/exe")); is /proc mounted?")
        }
        let path = String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
