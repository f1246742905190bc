# Reference values for conversions and for synthesis without meta-analysis, from R:
#   Rscript convert.R <output.json>
#
# metafor's escalc() gives effect sizes from test statistics; pchisq(), binom.test() and their like
# the tests; optim(), numDeriv and statmod's quadrature stand in for what the papers derive by hand;
# survival's data and log-rank test give hazard ratios. No data are made up: summaries are of R's
# own data sets, p-values are those printed by Becker (1994) and Edgington (1972).
suppressMessages({library(metafor); library(numDeriv); library(statmod); library(survival)})
out <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(out)) stop("name the output file")

# JSON with 17 significant digits, fewer where fewer read back to the same number.
digits <- function(x) { short <- sprintf("%.15g", x); ifelse(as.numeric(short) == x, short, sprintf("%.17g", x)) }
text <- function(x) {
  if (is.matrix(x)) x <- lapply(seq_len(nrow(x)), function(i) x[i, ])
  if (is.list(x)) {
    parts <- vapply(x, text, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0("\"", names(x), "\": ", parts, collapse = ",\n"), "}"))
  }
  if (is.null(x)) return("null")
  parts <- if (is.character(x)) paste0("\"", x, "\"") else digits(as.numeric(x))
  if (length(x) == 1) parts else paste0("[", paste(parts, collapse = ", "), "]")
}

# ------------------------------------------------------------------ medians, quartiles, ranges
columns <- list(mpg = mtcars$mpg, hp = mtcars$hp, sepal = iris$Sepal.Length, wind = airquality$Wind,
  speed = cars$speed, women = women$weight, precip = as.vector(precip), rivers = as.vector(rivers))
five <- function(x) as.vector(quantile(x, c(0, .25, .5, .75, 1)))
formulas <- function(q, n) {
  E <- qnorm((n - .375) / (n + .25)); H <- qnorm((.75 * n - .125) / (n + .25))
  a <- q[1]; f <- q[2]; m <- q[3]; t <- q[4]; b <- q[5]
  w1 <- 4 / (4 + n^.75); w2 <- .7 + .39 / n; v1 <- 2.2 / (2.2 + n^.75); v2 <- .7 - .72 / n^.55
  u <- 1 / (1 + .07 * n^.6)
  list(luo = c(w1 * (a + b) / 2 + (1 - w1) * m, w2 * (f + t) / 2 + (1 - w2) * m,
               v1 * (a + b) / 2 + v2 * (f + t) / 2 + (1 - v1 - v2) * m),
       shi = c((b - a) / (2 * E), (t - f) / (2 * H), u * (b - a) / (2 * E) + (1 - u) * (t - f) / (2 * H)),
       wan_mean = c((a + 2 * m + b) / 4, (f + m + t) / 3, (a + 2 * f + 2 * m + 2 * t + b) / 8),
       wan_sd = c((b - a) / (2 * E), (t - f) / (2 * H), (b - a) / (4 * E) + (t - f) / (4 * H)))
}
# Least squares in both parameters from several starts; nothing is solved for in advance.
families <- list(
  normal = list(q = function(p, t) qnorm(p, t[1], exp(t[2])), m = function(t) c(t[1], exp(t[2])),
    start = function(m, s) c(m, log(s))),
  lognormal = list(q = function(p, t) qlnorm(p, t[1], exp(t[2])),
    m = function(t) { v <- exp(t[2])^2; c(exp(t[1] + v / 2), sqrt(expm1(v)) * exp(t[1] + v / 2)) },
    start = function(m, s) { v <- log1p((s / m)^2); c(log(m) - v / 2, log(v) / 2) }),
  gamma = list(q = function(p, t) qgamma(p, exp(t[1]), scale = exp(t[2])),
    m = function(t) c(exp(t[1] + t[2]), exp(t[1] / 2 + t[2])),
    start = function(m, s) c(log(m^2 / s^2), log(s^2 / m))),
  weibull = list(q = function(p, t) qweibull(p, exp(t[1]), exp(t[2])),
    m = function(t) { g <- gamma(1 + 1 / exp(t[1])); h <- gamma(1 + 2 / exp(t[1])); exp(t[2]) * c(g, sqrt(h - g^2)) },
    start = function(m, s) c(log((s / m)^-1.086), log(m))))
beta <- list(q = function(p, t) qbeta(p, exp(t[1]), exp(t[2])),
  m = function(t) { a <- exp(t[1]); b <- exp(t[2]); c(a / (a + b), sqrt(a * b / (a + b + 1)) / (a + b)) },
  start = function(m, s) { k <- m * (1 - m) / s^2 - 1; log(c(m * k, (1 - m) * k)) })
nearest <- function(x, p, m, s, set) {
  fits <- lapply(set, function(f) {
    loss <- function(t) { v <- sum((x - f$q(p, t))^2); if (is.finite(v)) v else 1e300 }
    best <- NULL
    for (shift in list(c(0, 0), c(.3, -.3), c(-.3, .3))) {
      o <- optim(f$start(m, s) + shift, loss, control = list(reltol = 1e-16, maxit = 20000))
      for (i in 1:4) o <- optim(o$par, loss, control = list(reltol = 1e-16, maxit = 20000))
      if (is.null(best) || o$value < best$value) best <- o
    }
    c(f$m(best$par), best$value)
  })
  pick <- which.min(sapply(fits, `[`, 3))
  list(family = names(set)[pick], mean = fits[[pick]][1], sd = fits[[pick]][2], squares = fits[[pick]][3])
}
quantiles <- lapply(names(columns), function(name) {
  x <- columns[[name]]; n <- length(x); q <- five(x); f <- formulas(q, n)
  p <- c(1 / n, .25, .5, .75, 1 - 1 / n)
  sets <- list(S1 = c(1, 3, 5), S2 = 2:4, S3 = 1:5)
  qe <- lapply(1:3, function(i) nearest(q[sets[[i]]], p[sets[[i]]], f$luo[i], f$shi[i], families))
  c(list(name = name, n = n, q = q), f, list(qe = qe))
})
share <- with(mtcars, (mpg - 10) / 30)
shares <- list(n = length(share), q = five(share), qe = lapply(list(c(1, 3, 5), 2:4, 1:5), function(at) {
  p <- c(1 / 32, .25, .5, .75, 31 / 32)
  nearest(five(share)[at], p[at], mean(share), sd(share), c(families, list(beta = beta)))
}))

# ------------------------------------------------------------------ effects from test statistics
t <- c(2.78, -0.4, 5.1, 0); n1 <- c(25, 8, 40, 3); n2 <- c(22, 30, 41, 2)
g <- escalc(measure = "SMD", ti = t, n1i = n1, n2i = n2)
r <- escalc(measure = "COR", ri = t / sqrt(t^2 + n1 + n2 - 2), ni = n1 + n2, vtype = "LS")
statistics <- list(t = t, n_e = n1, n_c = n2, g = as.vector(g$yi), g_v = as.vector(g$vi),
  r = as.vector(r$yi), r_v = as.vector(r$vi),
  p = 2 * pt(-abs(t), n1 + n2 - 2), p_z = 2 * pnorm(-abs(t)))
groups <- split(mtcars$mpg, mtcars$carb)
combined <- list(mean = sapply(groups, mean, USE.NAMES = FALSE), n = sapply(groups, length, USE.NAMES = FALSE),
  sd = sapply(groups, function(x) if (length(x) > 1) sd(x) else 0, USE.NAMES = FALSE), all = c(mean(mtcars$mpg), sd(mtcars$mpg)))
paired <- with(sleep, { a <- extra[group == 1]; b <- extra[group == 2]
  list(sd = c(sd(a), sd(b), sd(a - b)), r = cor(a, b)) })

# ------------------------------------------------------------------ p-values
becker <- c(.016, .067, .250, .405, .871)
expect <- c(.405, .208, .799, .002, .243, .720, .577, .926, .051, .001, .040, .211, .528, .216, .871, .640, .016, .227, .656)
edgington <- c(.2, .35, .35, .4, .4, .4, .4)
uniform_sum <- function(s, k) { j <- 0:floor(s); sum((-1)^j * choose(k, j) * (s - j)^k) / factorial(k) }
all_p <- function(p) {
  k <- length(p); w <- seq_len(k)
  s <- -sum(log(p / (1 - p))) / sqrt(k * pi^2 * (5 * k + 2) / (3 * (5 * k + 4)))
  list(p = p, fisher = pchisq(-2 * sum(log(p)), 2 * k, lower.tail = FALSE), pearson = pchisq(-2 * sum(log(1 - p)), 2 * k),
    stouffer = pnorm(sum(qnorm(p)) / sqrt(k)), stouffer_weighted = pnorm(sum(w * qnorm(p)) / sqrt(sum(w^2))),
    edgington = uniform_sum(sum(p), k), "mean-p" = pnorm((mean(p) - .5) * sqrt(12 * k)), logit = pt(-s, 5 * k + 4),
    "inverse-chi-square" = pchisq(sum(qchisq(p, w, lower.tail = FALSE)), sum(w), lower.tail = FALSE),
    tippett = pbinom(0, k, min(p), lower.tail = FALSE), maximum = max(p)^k,
    wilkinson = sapply(w, function(i) pbinom(i - 1, k, sort(p)[i], lower.tail = FALSE)))
}
grid <- expand.grid(x = 0:12, k = c(1, 2, 5, 12)); grid <- grid[grid$x <= grid$k, ]
signs <- list(positive = grid$x, negative = grid$k - grid$x,
  p = mapply(function(x, k) binom.test(x, k)$p.value, grid$x, grid$k),
  greater = mapply(function(x, k) binom.test(x, k, alternative = "greater")$p.value, grid$x, grid$k),
  less = mapply(function(x, k) binom.test(x, k, alternative = "less")$p.value, grid$x, grid$k),
  ci = t(mapply(function(x, k) suppressWarnings(prop.test(x, k, correct = FALSE)$conf.int[1:2]), grid$x, grid$k)))

# ------------------------------------------------------------------ missing outcomes
# Trials of haloperidol, table 1 of Higgins, White and Wood (2008), those without an empty cell.
hal <- data.frame(r1 = c(25, 29, 12, 10, 11, 7, 8, 19, 20, 17, 11), f1 = c(25, 18, 17, 11, 8, 18, 9, 45, 9, 1, 1),
  m1 = c(2, 22, 1, 0, 0, 1, 0, 2, 0, 11, 0), r2 = c(18, 20, 2, 3, 1, 4, 3, 14, 2, 7, 1),
  f2 = c(33, 14, 28, 19, 14, 21, 10, 50, 9, 4, 11), m2 = c(0, 34, 1, 0, 0, 1, 0, 2, 0, 18, 0))
effect <- function(measure, p, q) switch(measure, RD = p - q, RR = log(p / q), OR = qlogis(p) - qlogis(q))
# theta: share missing and observed risk of either arm, log IMOR of either arm
model <- function(theta, measure) {
  arm <- function(a, p, d) (1 - a) * p + a * plogis(qlogis(p) + d)
  effect(measure, arm(theta[1], theta[2], theta[5]), arm(theta[3], theta[4], theta[6]))
}
moments <- function(d, measure, delta, sd, rho, nodes = NULL) {
  n <- c(d$r1 + d$f1, d$r2 + d$f2); m <- c(d$m1, d$m2); a <- m / (n + m); p <- c(d$r1, d$r2) / n
  at <- function(delta) {
    theta <- c(a[1], p[1], a[2], p[2], delta)
    if (a[1] == 0 || a[2] == 0) free <- which(c(a[1] > 0, TRUE, a[2] > 0, TRUE, a[1] > 0, a[2] > 0)) else free <- 1:6
    slope <- rep(0, 6)
    slope[free] <- grad(function(x) { y <- theta; y[free] <- x; model(y, measure) }, theta[free])
    v <- diag(c(a[1] * (1 - a[1]) / (n + m)[1], p[1] * (1 - p[1]) / n[1], a[2] * (1 - a[2]) / (n + m)[2], p[2] * (1 - p[2]) / n[2]))
    list(y = model(theta, measure), v = drop(slope[1:4] %*% v %*% slope[1:4]), slope = slope[5:6])
  }
  if (is.null(nodes)) {
    f <- at(delta); s <- diag(sd) %*% matrix(c(1, rho, rho, 1), 2) %*% diag(sd)
    return(c(f$y, f$v + drop(f$slope %*% s %*% f$slope)))
  }
  g <- gauss.quad.prob(nodes, "normal"); y <- v <- w <- numeric()
  for (i in 1:nodes) for (j in 1:nodes) {
    f <- at(delta + sd * c(g$nodes[i], rho * g$nodes[i] + sqrt(1 - rho^2) * g$nodes[j]))
    y <- c(y, f$y); v <- c(v, f$v); w <- c(w, g$weights[i] * g$weights[j])
  }
  c(sum(w * y), sum(w * v) + sum(w * (y - sum(w * y))^2))
}
cases <- list(list(imor = c(2, 2), sd = c(0, 0), rho = 0), list(imor = c(.5, 3), sd = c(0, 0), rho = 0),
  list(imor = c(1, 1), sd = c(1, 1), rho = 0), list(imor = c(1, 2), sd = c(.5, 1), rho = .6))
imor <- list()
for (measure in c("RR", "OR", "RD")) for (case in cases) {
  all <- function(rows, nodes) { z <- sapply(rows, function(i) moments(hal[i, ], measure, log(case$imor), case$sd, case$rho, nodes)); list(yi = z[1, ], vi = z[2, ]) }
  imor <- c(imor, list(c(case, list(measure = measure, taylor = all(1:11, NULL), nodes = 12, rows = c(2, 10) - 1, quadrature = all(c(2, 10), 12)))))
}

# ------------------------------------------------------------------ hazard ratios, planning
d <- survdiff(Surv(time, status) ~ trt, data = veteran)
cox <- summary(coxph(Surv(time, status) ~ I(trt == 2), data = veteran, ties = "breslow"))
ci <- cox$conf.int[c(1, 3, 4)]
hazard <- list(o_minus_e = d$obs[2] - d$exp[2], v = d$var[2, 2], observed = d$obs, expected = d$exp, hr = ci[1], ci_lb = ci[2], ci_ub = ci[3],
  log_hr = cox$coefficients[1], se = cox$coefficients[3], p = cox$coefficients[5], events = as.vector(xtabs(status ~ trt, veteran)), time = as.vector(xtabs(time ~ trt, veteran)))
vi <- as.vector(escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)$vi)
planning <- lapply(list(c(.2, 0), c(.2, .3), c(-.5, .3), c(0, .1)), function(case) {
  w <- 1 / (vi + case[2]); l <- abs(case[1]) * sqrt(sum(w)); z <- qnorm(.975); k <- length(vi); b <- qt(.975, k - 1)
  x <- dat.bcg$ablat; s <- abs(case[1]) / 10 * sqrt(sum(w * (x - sum(w * x) / sum(w))^2))
  list(effect = case[1], tau2 = case[2], z = pnorm(l - z) + pnorm(-l - z), one = pnorm(l - qnorm(.95)),
    t = pt(b, k - 1, l, lower.tail = FALSE) + pt(-b, k - 1, l), moderator = pnorm(s - z) + pnorm(-s - z))
})
plan <- list(vi = vi, ablat = dat.bcg$ablat, rows = planning,
  equal_q = pchisq(qchisq(.95, 9) / 2, 9, lower.tail = FALSE),
  continuous = 4 * (qnorm(.975) + qnorm(.9))^2 * 7.3^2 / 2.1^2, binary = 4 * (qnorm(.975) + qnorm(.8))^2 * .09 * .91 / .02^2)

version <- function(x) as.character(packageVersion(x))
source <- list(r_version = R.version.string, metafor = version("metafor"), metadat = version("metadat"), numDeriv = version("numDeriv"),
  statmod = version("statmod"), survival = version("survival"), command = "Rscript validation/metafor/convert.R tests/reference/r_convert.json")
doc <- list(source = source, quantiles = quantiles, shares = shares, statistics = statistics, combined = combined, paired = paired,
  p_values = list(becker = all_p(becker), teacher_expectancy = all_p(expect), edgington = all_p(edgington)), signs = signs,
  missing = list(data = hal, imor = imor), hazard = hazard, planning = plan)
writeLines(text(doc), out)
