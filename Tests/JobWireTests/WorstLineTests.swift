#if DEBUG
    import JSON
    import JobModel
    import JobWire
    import NIOCore
    import Testing

    /// The worst that a legal line of each method can be is read in as many steps as it is long.
    @Suite(.timeLimit(.minutes(5)))
    struct WorstLineTests {
        @Test(arguments: Method.allCases)
        func aLineThatIsTwiceAsLongIsReadInTwiceTheSteps(method: Method) throws {
            let (line, longer) = (Self.line(method, 400), Self.line(method, 800))
            let steps = Steps.counted { Self.read(line) }
            let moreSteps = Steps.counted { Self.read(longer) }
            #expect(steps > 0 && moreSteps <= steps * 2 + 100)
        }

        @Test func aBatchThatIsTwiceAsLongIsReadInTwiceTheSteps() {
            func batch(_ count: Int) -> ByteBuffer {
                let elements = (0..<count).map { _ in String(buffer: Self.line(.updateJob, 5)) }
                return ByteBuffer(string: "[\(elements.joined(separator: ","))]")
            }
            let steps = Steps.counted { Self.read(batch(512)) }
            #expect(Steps.counted { Self.read(batch(1024)) } <= steps * 2 + 100)
        }

        /// A line that is refused costs no more.
        @Test(arguments: Method.allCases)
        func fieldsThatNobodyKnowsCostAStepEach(method: Method) {
            func line(_ count: Int) -> ByteBuffer {
                Self.line(method, "{\(Self.members(count, "x", "0"))}")
            }
            let steps = Steps.counted { Self.read(line(10_000)) }
            #expect(Steps.counted { Self.read(line(20_000)) } <= steps * 2 + 100)
        }

        private static func read(_ line: ByteBuffer) { _ = Request.parse(line, makeJobId: JobID.made) }

        private static func line(_ method: Method, _ params: String) -> ByteBuffer {
            ByteBuffer(string: #"{"jsonrpc":"2.0","id":1,"method":"\#(method.rawValue)","params":\#(params)}"#)
        }

        private static func line(_ method: Method, _ count: Int) -> ByteBuffer { line(method, params(method, count)) }

        private static func params(_ method: Method, _ count: Int) -> String {
            let digest = String(repeating: "0", count: 64)
            return switch method {
            case .createJob: #"{"metadata":{\#(members(count * 4, "k", "0"))},"fileIds":[\#(files(count / 10))]}"#
            case .processJob: #"{"fileIds":[\#(files(count / 10))],"metadata":{\#(members(count * 4, "k", "0"))}}"#
            case .updateJob:
                #"{"jobId":"a","metadata":{\#(members(count * 10, "k", "null"))},"result":[\#(zeros(count * 100))]}"#
            case .watchJobs: #"{"jobIds":[\#(jobs(count))],"since":{\#(members(count * 10, "j", "1"))}}"#
            case .listJobs: #"{"status":"\#(Array(repeating: "queued", count: count).joined(separator: ","))"}"#
            case .reportFront: #"{"streams":1,"requests":[\#(requests(count / 4))]}"#
            case .reportUpload: #"{"upload":"a"}"#
            case .reportRefusal: #"{"request":"GET /","code":"forbidden"}"#
            case .adoptFile: #"{"fileId":"file_a","name":"a","size":1,"sha256":"\#(digest)"}"#
            case .createBatch: #"{"jobs":[\#(Array(repeating: "{}", count: count).joined(separator: ","))]}"#
            case .getBatch, .cancelBatch: #"{"batchId":"a"}"#
            case .changeJobs: #"{"action":"cancel"}"#
            case .putSchedule: #"{"name":"a","cron":"\#(String(repeating: "*,", count: count / 10))*","jobType":"b"}"#
            case .deleteSchedule, .runSchedule: #"{"name":"a"}"#
            case .redeliver: #"{"id":"msg_a"}"#
            case .reportDelivery: #"{"id":"msg_a","delivered":false,"problem":"p"}"#
            case .explainJob, .getJob, .cancelJob, .retryJob, .deleteJob, .readLog: #"{"jobId":"a"}"#
            case .getArtifact: #"{"jobId":"a","name":"b"}"#
            case .unwatchJobs: #"{"watch":1}"#
            case .beginFile: #"{"name":"\#(String(repeating: "n", count: count))"}"#
            case .appendFile: #"{"fileId":"file_a","data":"\#(String(repeating: "AAAA", count: count))"}"#
            case .commitFile, .getFile, .deleteFile: #"{"fileId":"file_a"}"#
            case .pauseQueue, .resumeQueue: #"{"name":"default"}"#
            case .backUpServer: #"{"directory":"/a"}"#
            default: "{}"
            }
        }

        private static func members(_ count: Int, _ key: String, _ value: String) -> String {
            (0..<count).map { #""\#(key)\#($0)":\#(value)"# }.joined(separator: ",")
        }

        private static func files(_ count: Int) -> String {
            (0..<count).map { #""file_\#($0)""# }.joined(separator: ",")
        }

        private static func jobs(_ count: Int) -> String { (0..<count).map { #""j\#($0)""# }.joined(separator: ",") }

        private static func zeros(_ count: Int) -> String { Array(repeating: "0", count: count).joined(separator: ",") }

        private static func requests(_ count: Int) -> String {
            let entry = #"{"operation":"getJob","status":"2xx","count":1}"#
            return Array(repeating: entry, count: count).joined(separator: ",")
        }
    }
#endif
