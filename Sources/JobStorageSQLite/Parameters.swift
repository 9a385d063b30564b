import GRDB
import GRDBSQLite
import JobModel

/// The parameters of a statement, bound one after the other; all are NULL at first.
///
/// GRDB takes them as an array of boxed values. For the rows of a commit, boxing costs as much as what SQLite does with them.
struct Parameters {
    private let statement: SQLiteStatement
    /// Where texts lie until the statement has run: what is left of it.
    private var room: UnsafeMutableBufferPointer<CChar>
    private var last: CInt = 0
    /// The first code that was not `SQLITE_OK`: a parameter that could not be bound would be stored as NULL.
    fileprivate private(set) var failure: CInt?

    fileprivate init(of statement: SQLiteStatement, texts room: UnsafeMutableBufferPointer<CChar>) {
        self.statement = statement
        self.room = room
    }

    mutating func bind(_ number: Int64) { note(sqlite3_bind_int64(statement, next(), number)) }

    mutating func bind(_ number: Int) { bind(Int64(number)) }

    mutating func bind(_ number: Double) { note(sqlite3_bind_double(statement, next(), number)) }

    mutating func bind(_ truth: Bool) { bind(truth ? 1 as Int64 : 0) }

    mutating func bind(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                if bytes.count <= room.count {
                    UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(bytes))
                    bind(room.baseAddress, bytes.count, nil)
                    room = UnsafeMutableBufferPointer(rebasing: room[bytes.count...])
                } else {
                    // SQLite makes a copy: its SQLITE_TRANSIENT is -1 as a pointer to a function, which Swift does not import.
                    bind(bytes.baseAddress, bytes.count, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                }
            }
        }
    }

    private mutating func bind(_ text: UnsafePointer<CChar>?, _ count: Int, _ destructor: sqlite3_destructor_type?) {
        note(sqlite3_bind_text64(statement, next(), text, UInt64(count), destructor, UInt8(SQLITE_UTF8)))
    }

    mutating func bind(_ text: String?) {
        if let text { bind(text) } else { last += 1 }
    }

    mutating func bind(_ moment: Timestamp?) {
        if let moment { bind(moment.milliseconds) } else { last += 1 }
    }

    mutating func bind(_ number: Int64?) {
        if let number { bind(number) } else { last += 1 }
    }

    private mutating func note(_ code: CInt) {
        if code != SQLITE_OK, failure == nil { failure = code }
    }

    private mutating func next() -> CInt {
        last += 1
        return last
    }
}

extension Database {
    /// Runs a statement that gives no rows; it is prepared once.
    ///
    /// - Parameters:
    ///   - sql: The statement.
    ///   - bind: Binds each of its parameters, in their order.
    /// - Throws: `DatabaseError` with SQLite's own code.
    func run(_ sql: String, _ bind: (inout Parameters) -> Void) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        // What the texts of a few rows take; this much is on the stack, and SQLite copies what has no room there.
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { room in
            defer {
                sqlite3_reset(statement)
                sqlite3_clear_bindings(statement)
            }
            var parameters = Parameters(of: statement, texts: room)
            bind(&parameters)
            if let failure = parameters.failure {
                throw DatabaseError(resultCode: ResultCode(rawValue: failure), message: "binding a parameter", sql: sql)
            }
            guard sqlite3_step(statement) == SQLITE_DONE else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
                    message: sqlite3_errmsg(sqliteConnection).map { String(cString: $0) }, sql: sql)
            }
        }
    }
}
