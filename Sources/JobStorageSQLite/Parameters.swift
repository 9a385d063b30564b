import GRDB
import GRDBSQLite
import JobModel

/// The parameters of a statement, bound one after the other.
///
/// GRDB takes them as an array of boxed values. For the rows of a commit, boxing costs as much as what SQLite does with them.
struct Parameters {
    private let statement: SQLiteStatement
    private var last: CInt = 0
    /// The first code that was not `SQLITE_OK`: a parameter that could not be bound would be stored as NULL.
    fileprivate private(set) var failure: CInt?

    fileprivate init(of statement: SQLiteStatement) {
        self.statement = statement
    }

    mutating func bind(_ number: Int64) { note(sqlite3_bind_int64(statement, next(), number)) }

    mutating func bind(_ number: Int) { bind(Int64(number)) }

    mutating func bind(_ number: Double) { note(sqlite3_bind_double(statement, next(), number)) }

    mutating func bind(_ truth: Bool) { bind(truth ? 1 as Int64 : 0) }

    mutating func bind(_ text: String) {
        var text = text
        let index = next()
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                // SQLite makes a copy: its SQLITE_TRANSIENT is -1 as a pointer to a function, which Swift does not import.
                note(
                    sqlite3_bind_text64(
                        statement, index, bytes.baseAddress, UInt64(bytes.count),
                        unsafeBitCast(-1, to: Destructor.self), UInt8(SQLITE_UTF8)))
            }
        }
    }

    mutating func bind(_ text: String?) {
        if let text { bind(text) } else { bindNull() }
    }

    mutating func bind(_ moment: Timestamp?) {
        if let moment { bind(moment.milliseconds) } else { bindNull() }
    }

    mutating func bind(_ number: Int64?) {
        if let number { bind(number) } else { bindNull() }
    }

    private mutating func bindNull() { note(sqlite3_bind_null(statement, next())) }

    private mutating func note(_ code: CInt) {
        if code != SQLITE_OK, failure == nil { failure = code }
    }

    private mutating func next() -> CInt {
        last += 1
        return last
    }

    private typealias Destructor = sqlite3_destructor_type
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
        defer { sqlite3_reset(statement) }
        var parameters = Parameters(of: statement)
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
