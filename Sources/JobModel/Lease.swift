package import JSON

/// The name of an offer, which nobody can guess: a lease's token is made of it.
package struct OfferID: Hashable, Sendable, CustomStringConvertible {
    /// The name itself, as it stands in tokens and requests.
    package let description: String

    /// Takes 1 to 64 of a-z and 0-9; nil for anything else.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isDigit) else { return nil }
        description = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// Makes one of 125 random bits.
    package init(using generator: inout some RandomNumberGenerator) {
        let digits = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)
        description = String(
            decoding: (0..<25).map { _ in digits[Int.random(in: 0..<32, using: &generator)] }, as: UTF8.self)
    }
}

/// What a worker shows to speak for a job: whoever has it holds the job's slot.
package struct LeaseToken: Hashable, Sendable, CustomStringConvertible {
    /// The offer that got the job.
    package let offer: OfferID
    /// The job's ``Job/number``, so that each job of an offer has a token of its own.
    package let number: Int64

    package init(offer: OfferID, number: Int64) {
        self.offer = offer
        self.number = number
    }

    /// Nil for what is not a token.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let offer = OfferID(String(parts[0])), let number = Int64(parts[1]), number >= 0 else {
            return nil
        }
        self.init(offer: offer, number: number)
    }

    /// As the worker shows it: `OFFER-NUMBER`.
    package var description: String { "\(offer)-\(number)" }
}

/// A worker asks for slots.
package struct Offer: Hashable, Sendable {
    /// New for each request that asks; what it gets names it.
    package let id: OfferID
    /// At most ``Limits/offeredNames``.
    package let queues: [String]
    /// All types that workers run when nil; at most ``Limits/offeredNames``.
    package let jobTypes: [String]?
    /// How many jobs it takes at once, in ``Limits/offeredJobs``.
    package let count: Int
    /// What the worker calls itself.
    package let worker: String?
    /// How long it may be silent; nil when it keeps its jobs as long as its connection.
    package let leaseSeconds: Int?

    package init(
        id: OfferID, queues: [String], jobTypes: [String]? = nil, count: Int = 1, worker: String? = nil,
        leaseSeconds: Int? = nil
    ) {
        self.id = id
        self.queues = queues
        self.jobTypes = jobTypes
        self.count = count
        self.worker = worker
        self.leaseSeconds = leaseSeconds
    }
}

/// Who gets a slot.
package enum Holder: Hashable, Sendable {
    /// The daemon's own processor.
    case here
    /// The worker that made an offer.
    case worker(Offer)
}

/// A job, and the token that a worker shows for it.
package struct LeaseProof: Hashable, Sendable {
    /// The job that is spoken for.
    package let jobId: JobID
    /// Nil for a text that cannot be a token, which no job has.
    package let token: LeaseToken?

    package init(jobId: JobID, token: LeaseToken?) {
        self.jobId = jobId
        self.token = token
    }
}

/// What a worker says of a job that it holds.
package enum LeaseWord: Hashable, Sendable {
    /// It goes on; the lines are at most ``Limits/reportLines``.
    case report(progress: Double?, step: Field<String>, message: Field<String>, lines: [Update.Line])
    /// It has stored a file, which stands beside the others; one of the same name is replaced.
    case artifact(Artifact)
    case complete(result: JSONText?)
    case fail(JobFailure, mayRetry: Bool, retryAfter: Duration?)
    /// It gives the job back.
    case release

    /// Whether the worker has the job no more.
    package var endsRun: Bool {
        switch self {
        case .complete, .fail, .release: true
        case .report, .artifact: false
        }
    }
}
