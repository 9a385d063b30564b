import GRDB
import JobStorage

/// Why a store could not be opened, in words for the operator.
package enum OpenError: Error, Hashable, CustomStringConvertible {
    /// Another daemon uses the directory.
    case inUse(directory: String)
    /// The directory cannot be used.
    case directory(String, reason: String)
    /// A later version of jobd has written it.
    case newerSchema(path: String)
    /// The directory has no store.
    case missing(path: String)
    /// The file cannot be read or written at present.
    case unreadable(path: String, reason: String)
    /// The file is not a database, or a damaged one.
    case damaged(path: String, reason: String)

    /// The store of a directory is damaged.
    package static func damaged(directory: String, reason: String) -> OpenError {
        .damaged(path: "\(directory)/jobd.sqlite", reason: reason)
    }

    /// Sorts what SQLite says about a file.
    init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: error.description)
        default: self = .unreadable(path: path, reason: error.description)
        }
    }

    /// Whether it will be the same until somebody has done something.
    package var isLasting: Bool {
        switch self {
        case .newerSchema, .damaged: true
        case .inUse, .directory, .missing, .unreadable: false
        }
    }

    package var description: String {
        switch self {
        case .inUse(let directory):
            "Another daemon uses \(directory); stop it first, or set another storage.directory."
        case .directory(let directory, let reason):
            "The storage directory \(directory) cannot be used: \(reason)."
        case .newerSchema(let path):
            "\(path) was written by a later version of jobd; install that version again, or restore a backup."
        case .missing(let path): "There is no store: \(path) does not exist."
        case .unreadable(let path, let reason): "\(path) cannot be opened: \(reason)."
        case .damaged(let path, let reason):
            "\(path) cannot be read (\(reason)). `jobd check` says what is wrong; put a backup in the place of its directory, "
                + "or move that away to begin with an empty one."
        }
    }
}

extension StoreError {
    /// Sorts what SQLite says by what the daemon can do about it.
    init(_ error: any Error) {
        if let error = error as? DamagedRecord {
            self = error.id.map { .damagedRecord($0, reason: error.reason) } ?? .damaged(error.reason)
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unavailable("\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(error.description)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(error.description)
        case .SQLITE_IOERR where error.extendedResultCode.rawValue == Self.diskFullWhileWriting:
            self = .full(error.description)
        default: self = .unavailable(error.description)
        }
    }

    /// SQLITE_IOERR_WRITE, which is what a full disk looks like to some file systems.
    private static var diskFullWhileWriting: Int32 { 10 | (3 << 8) }
}
