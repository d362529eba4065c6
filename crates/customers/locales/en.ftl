customers-nav = Customers
customers-title = Customers
customers-new = New customer
customers-export = Table (CSV)
customers-search = Search
customers-sort = Order
customers-sort-last-order = Last order
customers-sort-name = By name
customers-sort-owes = Largest debt
customers-owes-only = Who owes
customers-show = Show
customers-all = All
customers-none = No customers yet
customers-none-help = Whoever orders with a name, a phone number or an e-mail appears here by themselves.
customers-none-such = No customer is like this.
customers-more = More
customers-name = Name
customers-phone = Phone
customers-email = E-mail
customers-language = Language
customers-language-unknown = The business’s
customers-orders = Orders
customers-spent = Spent
customers-owes = Owes
customers-owed = You owe them
customers-last-order = Last order
customers-last-on = the last { $day }
customers-order = New order
customers-give-credit = Give store credit
customers-cards = Cards and credit
customers-call = Call
customers-open = Money that is open
customers-order-number = Order { $number }
customers-to-give-back = { $amount } to give back
customers-no-orders = No orders yet.
customers-number = Number
customers-when = When
customers-total = Total
customers-money = Money
customers-goods = Goods
customers-test = Test
customers-contact = Contact
customers-also = Also
customers-change = Change
customers-save = Save
customers-notes = Notes
customers-notes-help = For your team alone: the customer never sees them.
customers-note = What is worth knowing
customers-note-add = Write down
customers-note-remove = Remove
customers-same-person = These are one person
customers-merge = Make one customer of two
customers-merge-intro = Is this one person? Orders, coupons, consents, notes, numbers and debts come together.
customers-merge-kept = This name and contact are kept.
customers-merge-for-good = This cannot be undone.
customers-merge-do = Make one of both
customers-merge-search = Who is the same person as { $name }?
customers-no = No, leave it
customers-forget = Forget this customer
customers-forget-sure = Forget { $name }?
customers-forget-goes = Name, phone, e-mail, addresses, notes, consents and answers are removed, here, on every order and on every coupon. Coupons in the customer’s hand stay good, without a name. Links to the orders stop working. This cannot be undone.
customers-forget-stays = Amounts stay in the books, and receipts and invoices stay as they were issued: the law asks for them.
customers-forget-do = Forget
customers-flash-added = Written down.
customers-flash-saved = Saved.
customers-flash-noted = Written down.
customers-flash-note-removed = The note is gone.
customers-flash-merged = They are one customer now.
customers-flash-forgotten = The customer is forgotten.
customers-fault-name = Write at most 120 characters, on one line.
customers-fault-phone = Write the number with its country code, such as +224 620 00 00 00.
customers-fault-email = Write an address such as name@example.org.
problem-customer-unknown = There is no such customer. Perhaps they were made one with another.
problem-note-unknown = This note is gone already.
problem-customer-nobody = Write a name, a phone number or an e-mail.
problem-customer-known = This is another customer’s already. Write another, or make one customer of both.
problem-customer-same = These are one customer already.
problem-customer-open = Orders of this customer are still open: finish or cancel them, and settle the money, first.
customers-debtors = { $count ->
    [one] { $count } customer owes { $amount }
   *[other] { $count } customers owe { $amount }
}
customers-forget-open = { $count ->
    [one] One order is still open: finish or cancel it, and settle its money, before the customer is forgotten.
   *[other] { $count } orders are still open: finish or cancel them, and settle their money, before the customer is forgotten.
}
happened-customer-added = Customer written down
happened-customer-changed = Customer changed
happened-customer-merged = Two customers made one
happened-customer-forgotten = Customer forgotten
happened-customer-noted = Note about a customer
happened-customer-note-removed = Note about a customer removed
customers-import = Bring in a file
customers-narrow = More filters
customers-of-campaign = Has a coupon of
customers-consent = Consent
customers-agreed-any = All
customers-agreed-yes = Agreed
customers-agreed-no = Has not agreed
customers-agreed-refused = Does not agree
customers-agreed-never = Never asked
customers-question = Answered
customers-question-none = Any question
customers-answer = The answer begins with
customers-answers = Answers
customers-yes = Yes
customers-coupons = Coupons
customers-no-coupons = No coupons yet.
customers-coupon = Code
customers-campaign = Campaign
customers-state = State
customers-coupon-until = until { $day }
customers-consent-withdraw = Withdraw the consent
customers-consent-words = What did the customer agree to?
customers-consent-give = Write the consent down
customers-consent-given = Agreed:
customers-consent-refused = Does not agree:
customers-consent-link = Read more
customers-consent-by-form = form
customers-consent-by-file = from a file
customers-consent-by-staff = told to staff
customers-consent-version = version { $version }
customers-flash-consent = The consent is written down.
customers-file = All that is kept of this customer
customers-import-title = Bring in customers
customers-import-done = The file is brought in
customers-import-help = A CSV file with a heading in its first line: Name (or First name and Last name), Phone, Email, Language. Whoever has the phone number or e-mail of a customer is that customer, so the same file can be brought in again. First you see what would happen.
customers-import-consent-help = Nobody agrees to anything by standing in a file. If your customers agreed, say so in the columns Consent (yes or no), Consent date and Consent text.
customers-import-file = File
customers-import-limits = CSV, up to { $rows } lines and { $size } MiB
customers-import-known = Customers you have already
customers-import-known-update = Take over what the file says; what it does not say stays
customers-import-known-leave = Leave them as they are; only bring in new ones
customers-import-look = See what would happen
customers-import-confirm = Bring them in
customers-import-other = Another file
customers-import-waits = The file waits here until { $time }, then it is put away.
customers-import-unread = Not brought in: { $columns }
customers-import-line = Line
customers-import-outcome = What happens
customers-import-added = New
customers-import-unchanged = The same
customers-import-left = Known, left as is
customers-import-changed = Changed: { $fields }
customers-import-more = { $count ->
    [one] One more line
   *[other] { $count } more lines
}
customers-import-count-added = { $count ->
    [one] { $count } new customer
   *[other] { $count } new customers
}
customers-import-count-changed = { $count ->
    [one] { $count } customer changed
   *[other] { $count } customers changed
}
customers-import-count-unchanged = { $count ->
    [one] { $count } customer is here as the file says
   *[other] { $count } customers are here as the file says
}
customers-import-count-left = { $count ->
    [one] { $count } customer left as they are
   *[other] { $count } customers left as they are
}
customers-import-count-refused = { $count ->
    [one] { $count } line needs your hand
   *[other] { $count } lines need your hand
}
customers-import-at = Line { $line }: { $text }
customers-import-file-large = The file is larger than { $value } MiB. Split it.
customers-import-file-empty = The file is empty. Choose one with a heading and at least one line.
customers-import-file-no-text = This is no CSV file. In your spreadsheet choose “Save as… CSV UTF-8”, then that file here.
customers-import-file-long-cell = A cell is far too long. Is a closing quote missing?
customers-import-file-quote = A quote opens here and is never closed. Close it.
customers-import-file-columns = There are more than { $value } columns. Keep those about customers.
customers-import-file-rows = There are more than { $value } lines. Split the file.
customers-import-file-no-contact = No column is called Phone or Email. Name one so in the first line.
customers-import-file-heading = The column “{ $value }” says the same as another. Remove one of them.
customers-import-line-cells = More cells than the heading. Is a quote missing?
customers-import-line-no-contact = Write a phone number or an e-mail: by a name alone nobody is recognised.
customers-import-line-name = The name is too long. Write at most 120 characters.
customers-import-line-phone = “{ $value }” is no phone number. Write it with its country code, such as +224 620 00 00 00.
customers-import-line-email = “{ $value }” is no e-mail. Write one such as name@example.org.
customers-import-line-language = “{ $value }” is no language here. Write en, fr, it or sw, or leave it empty.
customers-import-line-consent = Consent “{ $value }”: write yes or no, or leave it empty.
customers-import-line-consent-at = “{ $value }” is no date of a consent. Write it as 2026-05-31, not later than today.
customers-import-line-consent-words = The text of the consent is too long. Write at most 1000 characters.
customers-import-line-repeated = “{ $value }” stands on line { $line } already. Make one line of both.
customers-import-line-two = The phone number and the e-mail are two customers’. Make one customer of both first, or take one of them out of the line.
problem-customers-file-gone = This file was brought in already, another was chosen since, or it waited longer than a day and was put away. Choose it again.
happened-customer-consent = Consent of a customer
