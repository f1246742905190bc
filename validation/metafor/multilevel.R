# Multilevel and multivariate models, profile-likelihood intervals and sampling covariances.
#
# Usage: Rscript multilevel.R OUTPUT.json
#
# rma.mv stops where its optimiser no longer sees the likelihood change, which fixes the variances
# to five or six digits. Its estimates are therefore carried on here, by Newton's method on the
# score (derivatives of the covariance matrix by Richardson extrapolation, dense matrices), and
# rma.mv is called again with the variances held there: coefficients and tests are metafor's.
suppressPackageStartupMessages({library(metafor)})
out <- commandArgs(trailingOnly = TRUE)[1]

# JSON with 17 significant digits, fewer where fewer read back to the same number
number <- function(x) ifelse(is.na(x), "null", sapply(x, function(v) {
  s <- sprintf("%.15g", v)
  if (is.na(v) || as.numeric(s) == v) s else sprintf("%.17g", v)
}))
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.matrix(x)) x <- lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ])))
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0("\"", names(x), "\": ", parts, collapse = ",\n"), "}"))
  }
  text <- if (is.character(x)) paste0("\"", x, "\"") else number(unclass(x))
  if (length(x) == 1 && !inherits(x, "AsIs")) text else paste0("[", paste(text, collapse = ", "), "]")
}


derivative <- function(f, x) lapply(seq_along(x), function(a) {
  h <- 1e-3 * max(abs(x[a]), 1e-3)
  central <- function(s) {
    e <- replace(numeric(length(x)), a, s)
    (f(x + e) - f(x - e)) / (2 * s)
  }
  (4 * central(h / 2) - central(h)) / 3
})

likelihood <- function(y, X, M, reml) {
  W <- chol2inv(chol(M)); S <- crossprod(X, W %*% X)
  P <- W - W %*% X %*% solve(S, crossprod(X, W))
  value <- determinant(M)$modulus + drop(crossprod(y, P %*% y)) + (length(y) - reml * ncol(X)) * log(2 * pi)
  if (reml) value <- value + determinant(S)$modulus - determinant(crossprod(X))$modulus
  list(value = -drop(value) / 2, W = W, P = P)
}

score <- function(y, X, build, theta, free, reml) {
  fit <- likelihood(y, X, build(theta), reml)
  Py <- fit$P %*% y
  D <- derivative(build, theta)[free]
  Q <- if (reml) fit$P else fit$W
  sapply(D, function(d) (drop(crossprod(Py, d %*% Py)) - sum(Q * d)) / 2)
}

refine <- function(y, X, build, theta, free, reml) {
  if (!any(free)) return(theta)
  for (i in 1:60) {
    f <- function(x) score(y, X, build, replace(theta, free, x), free, reml)
    J <- do.call(cbind, derivative(f, theta[free]))
    if (max(eigen(J + t(J))$values) >= 0) J <- -diag(abs(diag(J)), length(diag(J)))
    step <- solve(J, f(theta[free]))
    size <- 1
    rises <- function() {
      ahead <- theta[free] - size * step
      if (any(ahead * theta[free] <= 0)) return(FALSE)
      height <- function(x) tryCatch(likelihood(y, X, build(replace(theta, free, x)), reml)$value, error = function(e) -Inf)
      height(ahead) >= height(theta[free]) - 1e-9
    }
    while (size > 1e-9 && !rises()) size <- size / 2
    theta[free] <- theta[free] - size * step
    if (size == 1 && max(abs(step / theta[free])) < 1e-13) break
  }
  theta
}

# limits of component j of theta by profile likelihood
profile <- function(y, X, build, theta, free, reml, j, ends) {
  top <- likelihood(y, X, build(theta), reml)$value - qchisq(.95, 1) / 2
  others <- replace(free, j, FALSE)
  side <- function(end) {
    last <- theta
    over <- function(v) {
      start <- replace(last, j, v)
      # move towards v in steps, so that the other parameters can follow
      for (s in c(0.4, 0.8, 1)) {
        start[j] <- theta[j] + s * (v - theta[j])
        start[others] <- refine(y, X, build, start, others, reml)[others]
      }
      likelihood(y, X, build(start), reml)$value - top
    }
    uniroot(over, sort(c(theta[j], end)), tol = 1e-13)$root
  }
  c(side(ends[1]), side(ends[2]))
}

same <- function(x) outer(x, x, "==") * 1

build_intercepts <- function(V, codes) function(s) {
  M <- V
  for (a in seq_along(codes)) M <- M + s[a] * same(codes[[a]])
  M
}

build_structure <- function(V, outer, inner, struct) {
  lv <- sort(unique(inner)); i <- match(inner, lv); J <- length(lv)
  function(t) {
    if (struct == "UN") {
      sd <- sqrt(t[1:J]); R <- diag(J); R[lower.tri(R)] <- t[-(1:J)]
      R[upper.tri(R)] <- t(R)[upper.tri(R)]
      G <- outer(sd, sd) * R
    } else {
      hetero <- struct %in% c("HCS", "DIAG", "HAR")
      v <- if (hetero) t[1:J] else rep(t[1], J)
      rho <- if (struct %in% c("ID", "DIAG")) 0 else t[length(t)]
      lag <- switch(struct, AR = , HAR = abs(base::outer(1:J, 1:J, "-")),
                    CAR = abs(base::outer(as.numeric(lv), as.numeric(lv), "-")), 1 - diag(J))
      R <- if (struct %in% c("ID", "DIAG")) diag(J) else rho^lag
      G <- sqrt(v) %o% sqrt(v) * R
    }
    V + G[i, i] * same(outer)
  }
}

report <- function(fit, fixed, k) {
  s <- function(x) if (length(x)) I(as.numeric(x)) else I(numeric(0))
  list(coef = s(fixed$beta), se = s(fixed$se), statistic = s(fixed$zval), p_value = s(fixed$pval),
       ci_lb = s(fixed$ci.lb), ci_ub = s(fixed$ci.ub), covariance = unname(fixed$vb),
       log_likelihood = as.numeric(fixed$fit.stats["ll", fixed$method]),
       metafor_log_likelihood = as.numeric(fit$fit.stats["ll", fit$method]),
       parameters = as.integer(fit$parms), q = fixed$QE, q_pvalue = fixed$QEp, qm = fixed$QM,
       qm_df = I(fixed$QMdf), qm_pvalue = fixed$QMp, ddf = s(if (fixed$test == "t") fixed$ddf))
}

shares <- function(V, X, sigma2, tau2, inner) {
  W <- solve(V); P <- W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W
  typical <- (nrow(X) - ncol(X)) / sum(diag(P))
  if (length(tau2) > 1) {
    lv <- sort(unique(inner))
    own <- sapply(seq_along(lv), function(j) {
      r <- inner == lv[j]
      s2 <- sum(diag(V %*% P)[r]) / sum(diag(P)[r])
      tau2[j] / (sum(sigma2) + tau2[j] + s2)
    })
    return(I(100 * own))
  }
  I(100 * c(sigma2, tau2) / (sum(sigma2) + sum(tau2) + typical))
}

tight <- list(optimizer = "nlminb", rel.tol = 1e-10)
cases <- list(); data <- list()

intercepts_case <- function(id, set, d, V, random, codes, method = "REML", X = NULL, limits = FALSE, ranef = FALSE, ...) {
  Vm <- if (is.matrix(V)) V else diag(V)
  mods <- if (is.null(X)) NULL else X
  args <- list(yi = d$yi, V = V, random = random, data = d, method = method, ...)
  if (!is.null(X)) args$mods <- X
  fit <- do.call(rma.mv, c(args, list(control = tight)))
  design <- cbind(rep(1, nrow(d)), X); reml <- method == "REML"
  build <- build_intercepts(Vm, codes)
  free <- fit$sigma2 > 1e-7
  theta <- refine(d$yi, design, build, ifelse(free, fit$sigma2, 0), free, reml)
  fixed <- do.call(rma.mv, c(args, list(sigma2 = theta)))
  r <- report(fit, fixed)
  r$sigma2 <- I(theta); r$i2 <- shares(Vm, design, theta, numeric(0), NULL)
  if (is.null(X)) { p <- predict(fixed); r$pi_lb <- p$pi.lb; r$pi_ub <- p$pi.ub }
  if (ranef) { u <- ranef(fixed); r$ranef <- lapply(seq_along(theta), function(j) list(effect = I(u[[j]]$intrcpt), se = I(u[[j]]$se))) }
  if (limits) r$limits <- lapply(seq_along(theta), function(j) profile(d$yi, design, build, theta, free, reml, j, c(theta[j] / 20, theta[j] * 10)))
  cases[[id]] <<- c(list(data = set, method = method), r)
}

structure_case <- function(id, set, d, V, inner, outer, struct, method = "REML", X, limits = NULL, ...) {
  d$inner <- d[[inner]]; d$outer <- d[[outer]]
  args <- list(yi = d$yi, V = V, random = ~ inner | outer, struct = struct, data = d, method = method,
               mods = X, intercept = FALSE, ...)
  fit <- do.call(rma.mv, c(args, list(control = tight)))
  build <- build_structure(V, d$outer, d$inner, struct); reml <- method == "REML"
  has_rho <- !struct %in% c("ID", "DIAG")
  theta <- c(fit$tau2, if (has_rho) fit$rho)
  n <- length(fit$tau2)
  free <- rep(TRUE, length(theta))
  theta <- refine(d$yi, X, build, theta, free, reml)
  fixed <- do.call(rma.mv, c(args, list(tau2 = theta[1:n]), if (has_rho) list(rho = theta[-(1:n)])))
  r <- report(fit, fixed)
  r$tau2 <- I(theta[1:n]); r$rho <- I(if (has_rho) theta[-(1:n)] else numeric(0))
  r$i2 <- shares(V, X, numeric(0), theta[1:n], d$inner)
  if (!is.null(limits)) r$limits <- lapply(limits, function(l) c(l$j - 1, profile(d$yi, X, build, theta, free, reml, l$j, l$ends)))
  cases[[id]] <<- c(list(data = set, method = method, structure = struct), r)
}

# schools in districts
d <- dat.konstantopoulos2011; d$unit <- paste(d$district, d$school); d$centred <- d$year - 1990
data$konstantopoulos2011 <- list(yi = d$yi, vi = d$vi, district = d$district, school = d$school,
                                 study = d$study, year = d$year)
nested <- list(d$district, d$unit)
intercepts_case("konstantopoulos_reml", "konstantopoulos2011", d, d$vi, ~ 1 | district/school, nested, limits = TRUE, ranef = TRUE)
intercepts_case("konstantopoulos_ml", "konstantopoulos2011", d, d$vi, ~ 1 | district/school, nested, "ML", limits = TRUE)
intercepts_case("konstantopoulos_year_t", "konstantopoulos2011", d, d$vi, ~ 1 | district/school, nested, X = cbind(d$centred), test = "t", ranef = TRUE)
intercepts_case("konstantopoulos_year_contain", "konstantopoulos2011", d, d$vi, ~ 1 | district/school, nested, X = cbind(d$centred), test = "t", dfs = "contain")
intercepts_case("konstantopoulos_crossed", "konstantopoulos2011", d, d$vi, list(~ 1 | district, ~ 1 | study, ~ 1 | year), list(d$district, d$study, d$year))

# effects of one study on delinquency, correlated by 0.6
d <- dat.assink2016; d$unit <- paste(d$study, d$esid)
V <- vcalc(d$vi, cluster = d$study, obs = d$esid, rho = 0.6)
data$assink2016 <- list(yi = d$yi, vi = d$vi, study = d$study, esid = d$esid, year = d$year, pubstatus = d$pubstatus)
nested <- list(d$study, d$unit)
intercepts_case("assink_reml", "assink2016", d, V, ~ 1 | study/esid, nested)
intercepts_case("assink_mods", "assink2016", d, V, ~ 1 | study/esid, nested, X = cbind(d$year, d$pubstatus), test = "t")

# two outcomes of five periodontal trials
d <- dat.berkey1998
V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d)
V <- matrix(as.numeric(V), nrow(d))
data$berkey1998 <- list(yi = d$yi, V = V, trial = d$trial, outcome = d$outcome, year = d$year)
X <- cbind(AL = (d$outcome == "AL") * 1, PD = (d$outcome == "PD") * 1)
for (struct in c("UN", "HCS", "CS", "DIAG", "ID")) {
  limits <- switch(struct, CS = list(list(j = 1, ends = c(.002, .5)), list(j = 2, ends = c(-.95, .99))),
                   UN = list(list(j = 1, ends = c(.003, .5)))) # the other variance's other end is near 0
  structure_case(paste0("berkey_", struct), "berkey1998", d, V, "outcome", "trial", struct, X = X, limits = limits)
}
structure_case("berkey_UN_ML", "berkey1998", d, V, "outcome", "trial", "UN", "ML", X = X)
centred <- d$year - 1983
structure_case("berkey_UN_year", "berkey1998", d, V, "outcome", "trial", "UN", X = cbind(X, X * centred), test = "t")

# motor scores after deep-brain stimulation at four times
d <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"),
             varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9)))
d <- d[order(d$study, d$time), ]; d <- d[!is.na(d$yi), ]; rownames(d) <- NULL
d$month <- c(3, 6, 12, 18)[d$time]
V <- matrix(as.numeric(vcalc(d$vi, cluster = d$study, time1 = d$time, phi = 0.97)), nrow(d))
data$ishak2007 <- list(yi = d$yi, vi = d$vi, study = d$study, time = d$time, month = d$month)
X <- sapply(1:4, function(t) (d$time == t) * 1)
structure_case("ishak_AR", "ishak2007", d, V, "time", "study", "AR", X = X)
structure_case("ishak_HAR", "ishak2007", d, V, "time", "study", "HAR", X = X)
structure_case("ishak_CAR", "ishak2007", d, V, "month", "study", "CAR", X = X)

# correlations
covariances <- list(
  contrasts = vcalc(vi = c(1, 1, 2, 1), cluster = rep(1, 4), grp1 = c("a", "b", "a", "c"), grp2 = c("c", "c", "b", "d"),
                    w1 = c(10, 20, 10, 7), w2 = c(7, 7, 20, 40), checkpd = FALSE),
  times = vcalc(vi = c(1, 2, 1, 3), cluster = rep(1, 4), grp1 = c("a", "b", "a", "b"), grp2 = rep("c", 4), time1 = c(1, 1, 2, 2),
                time2 = c(1, 1, 2, 2), w1 = c(10, 20, 10, 20), w2 = rep(7, 4), phi = .6, checkpd = FALSE),
  kinds = vcalc(vi = c(1, 2, 3, 4), cluster = rep(1, 4), obs = c(1, 2, 1, 2), type = c(1, 1, 2, 2), rho = c(.6, .3),
                time1 = c(1, 2, 4, 4.5), phi = .8, checkpd = FALSE),
  within = vcalc(vi = c(1, 1), cluster = c(1, 1), grp1 = c(1, 1), grp2 = c(1, 1), time1 = c(2, 3), time2 = c(1, 1), phi = .8, checkpd = FALSE),
  subgroups = vcalc(vi = c(1, 2, 3, 4), cluster = c(1, 1, 1, 2), subgroup = c(1, 1, 2, 1), obs = 1:4, rho = .5))
covariances <- lapply(covariances, function(m) unname(as.matrix(m)))

source <- list(command = "Rscript multilevel.R OUTPUT.json", r_version = R.version.string,
               metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
               data = "metadat, data sets of the names given; covariances: made-up variances")
writeLines(json(list(source = source, data = data, cases = cases, covariances = covariances)), out)
