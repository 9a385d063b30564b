/// A day of the Gregorian calendar.
package struct CivilDate: Hashable, Sendable {
    /// Days since 1970-01-01.
    package let number: Int64
    /// In the Gregorian calendar, also before there was one.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Takes days since 1970-01-01, negative before.
    package init(number: Int64) {
        // Years begin in March here, so that the leap day is their last.
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        self.number = number
        day = Int(dayOfYear - (153 * month + 2) / 5 + 1)
        self.month = Int(month < 10 ? month + 3 : month - 9)
        year = Int(yearOfEra + era * 400) + (self.month <= 2 ? 1 : 0)
    }

    /// Takes a day of the calendar: `month` from 1, `day` from 1; a day that its month does not have is one of the next month.
    package init(year: Int, month: Int, day: Int) {
        self.init(number: Self.number(year, month, day))
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let year = Int64(month <= 2 ? year - 1 : year)
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of a local time, in seconds since 1970.
    package init(ofLocal seconds: Int64) {
        self.init(number: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    }

    /// 0 is Sunday.
    package var weekday: Int { Int(((number + 4) % 7 + 7) % 7) }

    /// Days of its month, 28 to 31.
    package var monthLength: Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 && !isLeap ? 28 : Self.longest(month)
    }

    /// The day after.
    package var next: CivilDate { CivilDate(number: number + 1) }

    /// The first of the next month.
    var nextMonth: CivilDate { CivilDate(number: number + Int64(monthLength - day + 1)) }

    /// The days of a month in a leap year.
    static func longest(_ month: Int) -> Int { month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31 }
}
