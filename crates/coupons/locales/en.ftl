# coupons

## figures

coupons-figures-nav = Coupon figures
coupons-figures-title = What campaigns brought
coupons-figures-csv = Coupons as CSV
coupons-figures-xlsx = Coupons for Excel
coupons-figures-all-campaigns = All campaigns
coupons-figures-which-days = Which days
coupons-figures-which-bars = What the bars show
coupons-figures-last-days = Last { $count } days
coupons-figures-own-days = Other days
coupons-figures-from = From
coupons-figures-to = To
coupons-figures-show = Show
coupons-figures-before = before: { $before }
coupons-figures-these = These days
coupons-figures-earlier = The days before
coupons-figures-by-day = Day by day
coupons-figures-by-week = Week by week
coupons-figures-seen = Form opened
coupons-figures-submitted = Form sent
coupons-figures-issued = Issued
coupons-figures-sent = Sent
coupons-figures-opened = Opened
coupons-figures-redeemed = Redeemed
coupons-figures-rate = Redeemed of issued
coupons-figures-waited = Time to redemption
coupons-figures-sales = Sales with coupons
coupons-figures-sold = Sold
coupons-figures-discounts = Cost of discounts
coupons-figures-margin = Margin after discounts
coupons-figures-estimate = ≈ Partly an estimate: where a coupon was redeemed without an order or an amount, or goods have no cost, we reckon with the average value and margin of the products that the campaign promotes.
coupons-figures-nothing = Nothing happened on these days
coupons-figures-nothing-hint = Start a campaign or choose other days.
coupons-figures-best = Best campaigns
coupons-figures-campaign = Campaign
coupons-figures-products = What orders with coupons sold
coupons-figures-products-hint = Only orders are counted here; at a counter without an order nobody says which products were sold.
coupons-figures-product = Product
coupons-figures-quantity = Quantity
coupons-figures-way = From the form to the counter
coupons-figures-places = Where coupons were redeemed
coupons-figures-people = By whom
coupons-figures-nowhere = No place in particular
coupons-figures-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
coupons-figures-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
coupons-figures-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
