# coupons
