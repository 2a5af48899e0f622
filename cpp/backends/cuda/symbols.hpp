// Real numbers as expressions. The kernels of cpp/kernels, given symbols for numbers, write down what they would
// compute: zeros and ones are folded, equal expressions are one, and signs are pulled out of products.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace meb::cuda {

enum class Operation : std::uint8_t { number, input, sum, product, function };

// Plus or minus an expression of the current Expressions.
struct Symbol {
  std::int32_t node = 0;  // 0 is zero
  bool negative = false;

  Symbol() = default;
  Symbol(double number);  // NOLINT: kernels mix numbers and symbols
  friend bool operator==(Symbol, Symbol) = default;
};

Symbol operator+(Symbol a, Symbol b);
Symbol operator-(Symbol a, Symbol b);
Symbol operator-(Symbol a);
Symbol operator*(Symbol a, Symbol b);

// All expressions of one function. Symbols belong to the one that was made last in this thread and still lives.
class Expressions {
public:
  Expressions();
  ~Expressions();
  Expressions(const Expressions&) = delete;
  Expressions& operator=(const Expressions&) = delete;

  // `text` is C++ that gives the number.
  Symbol input(const std::string& text);
  // Of one argument, by name.
  Symbol function(const std::string& name, Symbol argument);
  // C++ for the symbol; statements that it needs and that were not written before are added to `statements`.
  std::string write(Symbol x, std::string& statements);

private:
  friend struct Symbol;
  friend Symbol operator+(Symbol, Symbol);
  friend Symbol operator*(Symbol, Symbol);
  struct Node {
    Operation operation;
    Symbol a, b;
    double number;
    std::string text;
  };

  Symbol make(Operation operation, Symbol a, Symbol b, double number, const std::string& text);
  const Node& node(Symbol x) const { return nodes_[static_cast<std::size_t>(x.node)]; }
  bool is(Symbol x, double number) const;
  void write_node(std::int32_t node, std::string& statements);
  std::string name(Symbol x) const;

  std::vector<Node> nodes_;
  std::vector<bool> written_;
  std::map<std::tuple<Operation, std::int32_t, std::int32_t, bool, double, std::string>, std::int32_t> known_;
  Expressions* before_;
};

}  // namespace meb::cuda
